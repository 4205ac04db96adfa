-- Give the schedules of a deployment its new name.
UPDATE schedule SET deployment = :new
WHERE project = :project AND environment = :environment AND deployment = :name
