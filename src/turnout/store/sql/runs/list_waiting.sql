-- Waiting runs of a namespace, or of one deployment in it, with what decides their lane.
SELECT id, pool, environment, deployment, tags, lane, schedule, attempt, occurrence, due_at FROM flow_run
WHERE project = :project AND environment = :environment AND state = 'scheduled'
    AND (CAST(:deployment AS TEXT) IS NULL OR deployment = :deployment)
ORDER BY id
