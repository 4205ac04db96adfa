-- A page of an attempt's tasks, of the latest that has any if none is named.
SELECT attempt, number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, detail
FROM task_run
WHERE run_id = :run_id AND number > :after
    AND attempt = coalesce(CAST(:attempt AS BIGINT), (SELECT max(attempt) FROM task_run WHERE run_id = :run_id))
ORDER BY number
LIMIT :limit
