-- Tasks of an attempt that did not complete, by name.
SELECT name, count(*) FROM task_run
WHERE run_id = :run_id AND attempt = :attempt AND kind = 'task' AND state <> 'completed'
GROUP BY name
