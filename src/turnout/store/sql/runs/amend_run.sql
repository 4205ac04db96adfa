-- Give a run that is over other parameters or another release's code, for its next attempt.
UPDATE flow_run SET parameters = :parameters, spec = :spec, pool = :pool
WHERE id = :id AND version = :version
