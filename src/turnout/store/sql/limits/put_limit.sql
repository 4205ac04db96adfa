-- Declare a limit; when its bound changed is remembered, because it may be below what is held already.
INSERT INTO run_limit (project, environment, kind, name, concurrency, interval_micros, tags, users, changed_at)
VALUES (:project, :environment, :kind, :name, :concurrency, :interval_micros, :tags, :users, :now)
ON CONFLICT (project, environment, kind, name) DO UPDATE SET concurrency = excluded.concurrency,
    interval_micros = excluded.interval_micros, tags = excluded.tags, users = excluded.users,
    changed_at = excluded.changed_at
