-- Extend the lease of an attempt that is still active.
UPDATE flow_run SET lease_until = :until
WHERE id = :id AND attempt = :attempt
    AND state IN ('pending', 'running', 'paused', 'cancelling') AND NOT (state = 'paused' AND worker IS NULL)
