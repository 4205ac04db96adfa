-- Deployments, each with the release from which on it was declared as it is.
SELECT o.name, r.number, r.project, r.environment, r.commit_id, r.author, r.message, r.bundle, r.applied_at, r.applied_by,
    r.summary
FROM object AS o JOIN release AS r
    ON r.project = o.project AND r.environment = o.environment AND r.number = o.since
WHERE o.project = :project AND o.environment = :environment AND o.kind = 'deployment'
ORDER BY o.name
