-- Add one transition to a run's history.
INSERT INTO flow_run_history (run_id, version, attempt, state, name, reason, at, by)
VALUES (:run_id, :version, :attempt, :state, :name, :reason, :at, :by)
