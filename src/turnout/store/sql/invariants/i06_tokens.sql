-- A run token stands for an attempt that its run has never had.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT t.run_id AS id, 'token of attempt ' || t.attempt || ', the run is at ' || r.attempt AS detail
FROM run_token AS t
JOIN flow_run AS r ON r.id = t.run_id
WHERE t.attempt > r.attempt OR t.attempt < 1
LIMIT :limit
