-- A subflow is over, and one of its tasks is not.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT t.run_id AS id, 'attempt ' || t.attempt || ', task ' || t.number || ' of ' || p.number || ' is ' || t.state
    AS detail
FROM task_run AS t
JOIN task_run AS p ON p.run_id = t.run_id AND p.attempt = t.attempt AND p.number = t.parent
WHERE t.state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling') AND p.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped')
LIMIT :limit
