-- More is held of a limit than it allows, and something was given out since the limit was set.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT l.project || '/' || l.environment || '/' || l.kind || '/' || l.name AS id,
    'held ' || sum(s.weight) || ' of ' || l.concurrency AS detail
FROM run_limit AS l
JOIN slot AS s ON s.project = l.project AND s.environment = l.environment AND s.kind = l.kind AND s.name = l.name
JOIN flow_run AS r ON r.id = s.run_id AND r.attempt = s.attempt
    AND r.state IN ('pending', 'running', 'paused', 'cancelling')
WHERE l.concurrency IS NOT NULL
GROUP BY l.project, l.environment, l.kind, l.name, l.concurrency, l.changed_at
HAVING sum(s.weight) > l.concurrency AND max(s.taken_at) > l.changed_at
LIMIT :limit
