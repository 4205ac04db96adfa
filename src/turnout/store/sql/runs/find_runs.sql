-- Runs whose ids a search found, newest first.
SELECT id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version, attempt,
    failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at, ended_at,
    occurrence, spec, schedule, worker, lease_until
FROM flow_run AS f
WHERE f.id IN (SELECT found.id FROM ({search}) AS found)
ORDER BY f.id DESC
