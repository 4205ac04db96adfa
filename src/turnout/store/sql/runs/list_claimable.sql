-- Due runs of a pool whose deployment has a free slot, as many of each as it has slots.
WITH limited AS (
    SELECT o.environment, o.name, o.concurrency_limit - (
        SELECT count(*) FROM flow_run AS live
        WHERE live.project = o.project AND live.environment = o.environment AND live.deployment = o.name
            AND live.state IN ('pending', 'running', 'paused', 'cancelling')
    ) AS free
    FROM object AS o
    WHERE o.project = :project AND o.kind = 'deployment' AND o.concurrency_limit IS NOT NULL
), ranked AS (
    SELECT q.id, limited.free, row_number() OVER (
        PARTITION BY q.environment, q.deployment ORDER BY q.priority DESC, q.due_at, q.id
    ) AS place
    FROM limited CROSS JOIN flow_run AS q
    WHERE limited.free > 0 AND q.project = :project AND q.environment = limited.environment
        AND q.deployment = limited.name AND q.pool = :pool AND q.state = 'scheduled' AND q.due_at <= :now
)
SELECT id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version, attempt,
    failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at, ended_at,
    occurrence, spec, schedule, worker, lease_until
FROM flow_run AS r
WHERE r.project = :project AND r.pool = :pool AND r.state = 'scheduled' AND r.due_at <= :now
    AND (
        NOT EXISTS (SELECT 1 FROM limited WHERE limited.environment = r.environment AND limited.name = r.deployment)
        OR r.id IN (SELECT id FROM ranked WHERE place <= free)
    )
ORDER BY r.priority DESC, r.due_at, r.id
LIMIT :limit
