-- Forget a value.
DELETE FROM stored_value
WHERE project = :project AND environment = :environment AND kind = :kind AND name = :name
