-- How long the newest completed runs of each deployment, or of one, took.
SELECT o.name, f.ended_at - f.started_at
FROM object AS o JOIN flow_run AS f ON f.id IN (
    SELECT r.id FROM flow_run AS r
    WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name AND r.state = 'completed'
    ORDER BY r.id DESC LIMIT :limit
)
WHERE o.project = :project AND o.environment = :environment AND o.kind = 'deployment'
    AND CAST(:deployment AS TEXT) IN ('', o.name)
