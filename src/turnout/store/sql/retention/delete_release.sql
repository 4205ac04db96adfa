-- Remove a release that nothing is deployed from.
DELETE FROM release
WHERE project = :project AND environment = :environment AND number = :number AND NOT EXISTS (
    SELECT 1 FROM object AS o
    WHERE o.project = :project AND o.environment = :environment AND o.release = :number
)
