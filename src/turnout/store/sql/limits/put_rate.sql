-- Remember when a limit lets the next one through.
INSERT INTO limit_rate (project, environment, kind, name, next_at)
VALUES (:project, :environment, :kind, :name, :next_at)
ON CONFLICT (project, environment, kind, name) DO UPDATE SET next_at = excluded.next_at
