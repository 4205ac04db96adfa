-- Give a deployment its new name.
UPDATE object SET name = :new
WHERE project = :project AND environment = :environment AND kind = 'deployment' AND name = :name
