-- The one statement that changes a run's state, if nobody changed it since it was read; no lane while it is paused.
UPDATE flow_run
SET state = :state, state_name = :name, reason = :reason, state_at = :at, version = :version + 1, attempt = :attempt,
    due_at = :due_at, failures = :failures, crashes = :crashes, started_at = :started_at, ended_at = :ended_at,
    worker = :worker, lease_until = :lease_until, lease_key = :lease_key, lane = CASE
        WHEN CAST(:lane AS TEXT) IS NULL OR EXISTS (
            SELECT 1 FROM pause AS p
            WHERE p.project = flow_run.project AND p.environment = flow_run.environment
                AND p.deployment = flow_run.deployment AND p.slug = ''
        ) OR (CAST(:attempt AS BIGINT) = 1 AND EXISTS (
            SELECT 1 FROM schedule AS s
            WHERE s.project = flow_run.project AND s.environment = flow_run.environment
                AND s.deployment = flow_run.deployment AND s.slug = flow_run.schedule AND s.paused = 1
        )) THEN NULL
        ELSE CAST(:lane AS TEXT)
    END
WHERE id = :id AND version = :version
