-- Completed steps of earlier attempts, the newest first.
SELECT key, detail FROM task_run
WHERE run_id = :run_id AND attempt < :before AND state = 'completed'
ORDER BY attempt DESC, number DESC
LIMIT :limit
