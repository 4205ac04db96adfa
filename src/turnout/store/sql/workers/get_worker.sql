-- One worker.
SELECT id, name, pool, project, version, capacity, started_at, seen_at, lease_seconds FROM worker
WHERE id = :id
