-- Remove a portion of the tasks of removed runs.
DELETE FROM task_run
WHERE (run_id, attempt, number) IN (
    SELECT t.run_id, t.attempt, t.number FROM pruned_run AS p CROSS JOIN task_run AS t WHERE t.run_id = p.run_id
    LIMIT :limit
)
