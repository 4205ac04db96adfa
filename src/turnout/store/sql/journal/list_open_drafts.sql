-- Tasks of an attempt that are not final.
SELECT number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, detail
FROM task_run
WHERE run_id = :run_id AND attempt = :attempt AND state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling')
