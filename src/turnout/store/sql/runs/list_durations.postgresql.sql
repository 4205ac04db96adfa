-- How long the newest completed runs of each deployment, or of one, took.
SELECT o.name, taken.micros
FROM object AS o CROSS JOIN LATERAL (
    SELECT r.ended_at - r.started_at AS micros FROM flow_run AS r
    WHERE r.project = :project AND r.environment = :environment AND r.deployment = o.name AND r.state = 'completed'
    ORDER BY r.id DESC LIMIT :limit
) AS taken
WHERE o.project = :project AND o.environment = :environment AND o.kind = 'deployment'
    AND CAST(:deployment AS TEXT) IN ('', o.name)
