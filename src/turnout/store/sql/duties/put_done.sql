-- Remember when a duty was done.
INSERT INTO duty (name, done_at)
VALUES (:name, :now)
ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at
