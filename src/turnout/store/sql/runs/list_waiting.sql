-- Waiting runs of a namespace, with what decides their lane.
SELECT id, pool, environment, deployment, tags, lane, schedule, attempt, occurrence FROM flow_run
WHERE project = :project AND environment = :environment AND state = 'scheduled'
ORDER BY id
