-- A run's lease ended a while ago, and no server gave the run up.
-- Look at the server's log in the data folder for errors of the service 'rescuer'.
SELECT id, state || ', lease until ' || lease_until AS detail FROM flow_run
WHERE lease_until < :long_ago AND state IN ('pending', 'running', 'paused', 'cancelling')
LIMIT :limit
