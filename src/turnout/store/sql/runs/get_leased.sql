-- Any run that holds a lease.
SELECT id FROM flow_run
WHERE lease_until IS NOT NULL AND state IN ('pending', 'running', 'paused', 'cancelling')
LIMIT 1
