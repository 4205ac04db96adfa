-- Forget a limit.
DELETE FROM run_limit
WHERE project = :project AND environment = :environment AND kind = :kind AND name = :name
