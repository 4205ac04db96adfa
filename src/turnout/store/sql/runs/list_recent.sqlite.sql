-- The newest runs of each deployment, or of one, in one state or in any: of the newest in each.
SELECT f.deployment, f.id, f.name, f.state, f.state_name, f.due_at, f.started_at, f.ended_at
FROM object AS o JOIN flow_run AS f ON f.id IN (
    SELECT newest.id FROM (
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'scheduled' AND CAST(:state AS TEXT) IN ('', 'scheduled')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_scheduled
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'pending' AND CAST(:state AS TEXT) IN ('', 'pending')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_pending
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'running' AND CAST(:state AS TEXT) IN ('', 'running')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_running
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'paused' AND CAST(:state AS TEXT) IN ('', 'paused')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_paused
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'cancelling' AND CAST(:state AS TEXT) IN ('', 'cancelling')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_cancelling
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'completed' AND CAST(:state AS TEXT) IN ('', 'completed')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_completed
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'failed' AND CAST(:state AS TEXT) IN ('', 'failed')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_failed
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'crashed' AND CAST(:state AS TEXT) IN ('', 'crashed')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_crashed
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'cancelled' AND CAST(:state AS TEXT) IN ('', 'cancelled')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_cancelled
        UNION ALL
        SELECT * FROM (
            SELECT r.id FROM flow_run AS r
            WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name
                AND r.state = 'skipped' AND CAST(:state AS TEXT) IN ('', 'skipped')
            ORDER BY r.id DESC LIMIT :limit
        ) AS of_skipped
    ) AS newest
    ORDER BY newest.id DESC LIMIT :limit
)
WHERE o.project = :project AND o.environment = :environment AND o.kind = 'deployment'
    AND CAST(:deployment AS TEXT) IN ('', o.name)
ORDER BY f.deployment, f.id DESC
