-- Give every live lease so many microseconds more.
UPDATE flow_run SET lease_until = lease_until + :by
WHERE lease_until IS NOT NULL AND state IN ('pending', 'running', 'paused', 'cancelling')
