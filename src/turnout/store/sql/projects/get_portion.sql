-- The last of the next so many runs of a deployment.
SELECT max(id) FROM (
    SELECT id FROM flow_run
    WHERE project = :project AND environment = :environment AND deployment = :name AND id > :after
    ORDER BY id
    LIMIT :limit
) AS portion
