-- The one statement that changes a run's state, if nobody changed it since it was read.
UPDATE flow_run
SET state = :state, state_name = :name, reason = :reason, state_at = :at, version = :version + 1, attempt = :attempt,
    due_at = :due_at, failures = :failures, crashes = :crashes, started_at = :started_at, ended_at = :ended_at,
    worker = :worker, lease_until = :lease_until, lease_key = :lease_key
WHERE id = :id AND version = :version
