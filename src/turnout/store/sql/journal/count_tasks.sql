-- How many tasks of an attempt are in each state.
SELECT state, count(*) FROM task_run
WHERE run_id = :run_id AND attempt = :attempt
GROUP BY state
