-- Add a run in its initial state, unless its id or its occurrence is there already.
INSERT INTO flow_run (id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version,
    attempt, failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at,
    ended_at, occurrence, spec, schedule, worker, lease_until, lease_key)
VALUES (:id, :project, :environment, :deployment, :flow_name, :name, 'scheduled', :state_name, :reason, :state_at, 1,
    :attempt, :failures, :crashes, :trigger, :created_by, :pool, :priority, :parameters, :tags, :due_at, :created_at,
    NULL, NULL, :occurrence, :spec, :schedule, NULL, NULL, NULL)
ON CONFLICT DO NOTHING
