-- What is paused in a namespace.
SELECT deployment, slug, at, by, reason, until FROM pause
WHERE project = :project AND environment = :environment
ORDER BY deployment, slug
