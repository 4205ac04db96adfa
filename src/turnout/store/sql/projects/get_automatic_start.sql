-- When a deployment last started by itself.
SELECT last_automatic_start FROM object
WHERE project = :project AND environment = :environment AND kind = 'deployment' AND name = :name
