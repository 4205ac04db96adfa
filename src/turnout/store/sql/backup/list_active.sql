-- Runs that an executor may hold; a suspended one has none.
SELECT id FROM flow_run
WHERE state IN ('pending', 'running', 'paused', 'cancelling')
    AND NOT EXISTS (
        SELECT 1 FROM flow_run AS suspended
        WHERE suspended.id = flow_run.id AND suspended.state = 'paused' AND suspended.worker IS NULL
    )
