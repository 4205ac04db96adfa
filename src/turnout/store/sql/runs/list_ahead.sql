-- The due runs of a lane and priority, the first of them.
SELECT id, due_at FROM flow_run
WHERE project = :project AND lane = :lane AND priority = :priority AND state = 'scheduled' AND due_at <= :now
ORDER BY due_at, id
LIMIT :limit
