-- Remember when a duty was done.
INSERT INTO duty (name, done_at, boot, uptime)
VALUES (:name, :now, :boot, :uptime)
ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at, boot = excluded.boot, uptime = excluded.uptime
