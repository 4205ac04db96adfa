-- One release and what it declares.
SELECT number, project, environment, commit_id, author, message, bundle, applied_at, applied_by, summary, snapshot
FROM release
WHERE project = :project AND environment = :environment AND number = :number
