-- When a worker of a pool was last heard of.
SELECT max(seen_at) FROM worker
WHERE project = :project AND pool = :pool
