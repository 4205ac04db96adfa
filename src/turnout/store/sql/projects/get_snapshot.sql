-- The newest release's number and what it declares.
SELECT number, snapshot FROM release
WHERE project = :project AND environment = :environment
ORDER BY number DESC
LIMIT 1
