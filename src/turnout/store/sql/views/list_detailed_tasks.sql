-- Tasks of an attempt after a number, with their details.
SELECT number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, detail
FROM task_run
WHERE run_id = :run_id AND attempt = :attempt AND number > :after
ORDER BY number
LIMIT :limit
