-- Active runs whose lease is over, the longest first.
SELECT id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version, attempt,
    failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at, ended_at,
    occurrence, spec, schedule, worker, lease_until
FROM flow_run
WHERE lease_until < :now AND state IN ('pending', 'running', 'paused', 'cancelling')
ORDER BY lease_until
LIMIT :limit
