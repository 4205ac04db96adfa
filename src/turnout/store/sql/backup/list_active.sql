-- Runs that an executor may hold.
SELECT id FROM flow_run
WHERE state IN ('pending', 'running', 'paused', 'cancelling') AND NOT (state = 'paused' AND worker IS NULL)
