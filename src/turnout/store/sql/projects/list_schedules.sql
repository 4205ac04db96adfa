-- Schedules of a deployment.
SELECT project, environment, deployment, slug, spec, watermark, next_due, paused FROM schedule
WHERE project = :project AND environment = :environment AND deployment = :deployment
ORDER BY slug
