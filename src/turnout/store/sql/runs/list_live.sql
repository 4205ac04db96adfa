-- Active runs of a deployment, oldest first.
SELECT id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version, attempt,
    failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at, ended_at,
    occurrence, spec, schedule, worker, lease_until
FROM flow_run
WHERE project = :project AND environment = :environment AND deployment = :deployment
    AND state IN ('pending', 'running', 'paused', 'cancelling') AND NOT (state = 'paused' AND worker IS NULL)
ORDER BY id
