-- An attempt is over, and one of its tasks is not.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT t.run_id AS id, 'attempt ' || t.attempt || ', task ' || t.number || ' is ' || t.state AS detail
FROM task_run AS t
JOIN flow_run AS r ON r.id = t.run_id
WHERE t.state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling')
    AND (t.attempt < r.attempt OR r.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped'))
LIMIT :limit
