-- Give every live lease at least this long.
UPDATE flow_run SET lease_until = :until
WHERE lease_until < :until AND state IN ('pending', 'running', 'paused', 'cancelling')
