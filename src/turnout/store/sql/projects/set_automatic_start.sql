-- Remember when a deployment last started by itself.
UPDATE object SET last_automatic_start = :at
WHERE project = :project AND environment = :environment AND kind = 'deployment' AND name = :name
