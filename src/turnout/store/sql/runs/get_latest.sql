-- The newest run of a deployment: of the newest in each state.
SELECT id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version, attempt,
    failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at, ended_at,
    occurrence, spec, schedule, worker, lease_until
FROM flow_run AS f
WHERE f.id = (
    SELECT max(newest.id) FROM (
        SELECT (
            SELECT max(r.id) FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = :deployment
                AND r.state = s.state
        ) AS id
        FROM (
            SELECT 'scheduled' AS state UNION ALL SELECT 'pending' UNION ALL SELECT 'running' UNION ALL SELECT 'paused'
            UNION ALL SELECT 'cancelling' UNION ALL SELECT 'completed' UNION ALL SELECT 'failed'
            UNION ALL SELECT 'crashed' UNION ALL SELECT 'cancelled' UNION ALL SELECT 'skipped'
        ) AS s
    ) AS newest
)
