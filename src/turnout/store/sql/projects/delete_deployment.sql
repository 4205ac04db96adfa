-- Forget a deployment; its runs stay.
DELETE FROM object
WHERE project = :project AND environment = :environment AND kind = 'deployment' AND name = :name
