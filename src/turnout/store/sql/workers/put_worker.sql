-- Add a worker, or what changed of it.
INSERT INTO worker (id, name, pool, project, version, capacity, started_at, seen_at, lease_seconds)
VALUES (:id, :name, :pool, :project, :version, :capacity, :started_at, :seen_at, :lease_seconds)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, pool = excluded.pool, project = excluded.project,
    version = excluded.version, capacity = excluded.capacity, started_at = excluded.started_at,
    seen_at = excluded.seen_at, lease_seconds = excluded.lease_seconds
