-- How many runs a worker has.
SELECT count(*) FROM flow_run
WHERE worker = :worker AND state IN ('pending', 'running', 'paused', 'cancelling')
