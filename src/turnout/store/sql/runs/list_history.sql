-- Every transition of a run, in order.
SELECT version, attempt, state, name, reason, at, by FROM flow_run_history
WHERE run_id = :run_id
ORDER BY version
