-- Who holds a limit, the longest first.
SELECT s.run_id, f.name, f.deployment, s.holder, s.weight, s.taken_at FROM slot AS s
JOIN flow_run AS f ON f.id = s.run_id AND f.attempt = s.attempt
    AND f.state IN ('pending', 'running', 'paused', 'cancelling')
WHERE s.project = :project AND s.environment = :environment AND s.kind = :kind AND s.name = :name
ORDER BY s.taken_at, s.run_id, s.holder
LIMIT :limit
