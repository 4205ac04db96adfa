-- Schedules of all deployments.
SELECT project, environment, deployment, slug, spec, watermark, next_due, paused FROM schedule
WHERE project = :project AND environment = :environment
ORDER BY deployment, slug
