-- Add a run in its initial state, unless its id or its occurrence is there already; without a lane while it is paused.
INSERT INTO flow_run (id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version,
    attempt, failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at, started_at,
    ended_at, occurrence, spec, schedule, worker, lease_until, lease_key, lane)
VALUES (:id, :project, :environment, :deployment, :flow_name, :name, 'scheduled', :state_name, :reason, :state_at, 1,
    :attempt, :failures, :crashes, :trigger, :created_by, :pool, :priority, :parameters, :tags, :due_at, :created_at,
    NULL, NULL, :occurrence, :spec, :schedule, NULL, NULL, NULL, CASE WHEN CAST(:lane AS TEXT) IS NULL OR EXISTS (
        SELECT 1 FROM pause AS p
        WHERE p.project = :project AND p.environment = :environment AND p.deployment = :deployment AND p.slug = ''
    ) OR EXISTS (
        SELECT 1 FROM schedule AS s
        WHERE s.project = :project AND s.environment = :environment AND s.deployment = :deployment
            AND s.slug = :schedule AND s.paused = 1
    ) THEN NULL ELSE CAST(:lane AS TEXT) END)
ON CONFLICT DO NOTHING
