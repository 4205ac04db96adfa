-- The due runs of a lane and priority behind one of them.
SELECT id, lane, priority, due_at, environment, deployment, pool, tags FROM flow_run
WHERE project = :project AND lane = :lane AND priority = :priority AND state = 'scheduled' AND due_at <= :now
    AND (due_at, id) > (:due_at, :id)
ORDER BY due_at, id
LIMIT :limit
