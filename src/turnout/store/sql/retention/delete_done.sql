-- Forget removed runs of which nothing is left.
DELETE FROM pruned_run
WHERE NOT EXISTS (SELECT 1 FROM task_run AS t WHERE t.run_id = pruned_run.run_id)
    AND NOT EXISTS (SELECT 1 FROM log_chunk AS c WHERE c.run_id = pruned_run.run_id)
    AND NOT EXISTS (SELECT 1 FROM artifact AS a WHERE a.run_id = pruned_run.run_id)
