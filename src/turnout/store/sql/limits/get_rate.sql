-- When a limit lets the next one through.
SELECT next_at FROM limit_rate
WHERE project = :project AND environment = :environment AND kind = :kind AND name = :name
