-- What a namespace declares.
SELECT environment, kind, name, concurrency, interval_micros, tags, users FROM run_limit
WHERE project = :project AND environment = :environment
