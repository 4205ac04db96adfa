-- Give the pauses of a deployment its new name.
UPDATE pause SET deployment = :new
WHERE project = :project AND environment = :environment AND deployment = :name
