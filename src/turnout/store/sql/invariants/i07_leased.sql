-- A run is with a worker without a lease: if the worker dies, nobody will notice.
-- Cancel the run and retry it. This is a bug in Turnout: keep a copy of the database and report it.
SELECT id, state AS detail FROM flow_run
WHERE state IN ('pending', 'running', 'paused', 'cancelling') AND pool IS NOT NULL AND (lease_until IS NULL OR worker IS NULL)
    AND NOT (state = 'paused' AND state_name = 'Suspended')
LIMIT :limit
