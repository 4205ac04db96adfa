-- A run that no worker holds still has a lease.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT id, state AS detail FROM flow_run
WHERE (lease_until IS NOT NULL OR lease_key IS NOT NULL) AND (
    state NOT IN ('pending', 'running', 'paused', 'cancelling') OR (state = 'paused' AND worker IS NULL))
LIMIT :limit
