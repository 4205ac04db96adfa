-- A deployment took a run although its limit was reached.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT o.project || '/' || o.environment || '/' || o.name AS id,
    count(DISTINCT r.id) || ' live runs, limit ' || o.concurrency_limit AS detail
FROM object AS o
JOIN release AS a ON a.project = o.project AND a.environment = o.environment AND a.number = o.release
JOIN flow_run AS r ON r.project = o.project AND r.environment = o.environment AND r.deployment = o.name
    AND r.state IN ('pending', 'running', 'paused', 'cancelling')
    AND NOT (r.state = 'paused' AND r.worker IS NULL)
JOIN flow_run_history AS h ON h.run_id = r.id AND h.state = 'pending' AND h.attempt = r.attempt
WHERE o.kind = 'deployment' AND o.concurrency_limit IS NOT NULL
GROUP BY o.project, o.environment, o.name, o.concurrency_limit, a.applied_at
HAVING count(DISTINCT r.id) > o.concurrency_limit AND max(h.at) > a.applied_at
LIMIT :limit
