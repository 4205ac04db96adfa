-- Tasks of an attempt that failed or crashed, the first to end in front.
SELECT attempt, number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, detail
FROM task_run
WHERE run_id = :run_id AND attempt = :attempt AND state IN ('failed', 'crashed')
ORDER BY coalesce(ended_at, 9223372036854775807), number
LIMIT :limit
