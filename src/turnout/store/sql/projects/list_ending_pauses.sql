-- Pauses that end by themselves, the next one first.
SELECT project, environment, deployment, slug, at, by, reason, until FROM pause
WHERE until IS NOT NULL
ORDER BY until, project, environment, deployment, slug
LIMIT :limit
