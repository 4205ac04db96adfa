-- Releases before a number, newest first.
SELECT number, project, environment, commit_id, author, message, bundle, applied_at, applied_by, summary FROM release
WHERE project = :project AND environment = :environment AND number < :before
ORDER BY number DESC
LIMIT :limit
