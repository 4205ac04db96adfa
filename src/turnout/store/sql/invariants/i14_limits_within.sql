-- More is held of a limit than there is, and not because it was lowered since.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT l.project || '/' || l.environment || '/' || l.kind || '/' || l.name AS id,
    sum(s.weight) || ' held, limit ' || l.concurrency AS detail
FROM run_limit AS l
JOIN slot AS s ON s.project = l.project AND s.environment = l.environment AND s.kind = l.kind AND s.name = l.name
JOIN flow_run AS f ON f.id = s.run_id AND f.attempt = s.attempt
    AND f.state IN ('pending', 'running', 'paused', 'cancelling')
WHERE l.concurrency IS NOT NULL
GROUP BY l.project, l.environment, l.kind, l.name, l.concurrency, l.changed_at
HAVING sum(s.weight) > l.concurrency AND max(s.taken_at) > l.changed_at
LIMIT :limit
