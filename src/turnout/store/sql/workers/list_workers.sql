-- Every worker, the last heard of first.
SELECT id, name, pool, project, version, capacity, started_at, seen_at, lease_seconds FROM worker
ORDER BY seen_at DESC, id
