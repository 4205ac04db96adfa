-- A run did not begin as the first attempt, scheduled.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT run_id AS id, state || ', attempt ' || attempt AS detail FROM flow_run_history
WHERE version = 1 AND (state <> 'scheduled' OR attempt <> 1)
LIMIT :limit
