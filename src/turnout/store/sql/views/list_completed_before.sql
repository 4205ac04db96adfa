-- Runs of a deployment that completed, from before one, newest first.
SELECT id, started_at, ended_at FROM flow_run
WHERE project = :project AND environment = :environment AND deployment = :deployment AND state = 'completed'
    AND id < :id
ORDER BY id DESC
LIMIT :limit
