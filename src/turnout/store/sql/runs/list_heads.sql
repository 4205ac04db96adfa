-- The first waiting run of each lane and priority among the lanes of a pool, or of a project.
WITH RECURSIVE place (id) AS (
    SELECT (
        SELECT q.id FROM flow_run AS q
        WHERE q.project = :project AND q.state = 'scheduled' AND q.lane >= :low AND q.lane < :high
        ORDER BY q.lane, q.priority, q.due_at, q.id LIMIT 1
    )
    UNION ALL
    SELECT coalesce((
        SELECT n.id FROM flow_run AS n
        WHERE n.project = :project AND n.state = 'scheduled' AND n.lane = f.lane AND n.priority > f.priority
        ORDER BY n.priority, n.due_at, n.id LIMIT 1
    ), (
        SELECT n.id FROM flow_run AS n
        WHERE n.project = :project AND n.state = 'scheduled' AND n.lane > f.lane AND n.lane < :high
        ORDER BY n.lane, n.priority, n.due_at, n.id LIMIT 1
    ))
    FROM place JOIN flow_run AS f ON f.id = place.id
)
SELECT r.id, r.lane, r.priority, r.due_at, r.environment, r.deployment, r.pool, r.tags
FROM place JOIN flow_run AS r ON r.id = place.id
