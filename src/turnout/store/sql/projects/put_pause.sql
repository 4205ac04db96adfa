-- Remember that a schedule, or a whole deployment, is paused, since when and by whom.
INSERT INTO pause (project, environment, deployment, slug, at, by, reason)
VALUES (:project, :environment, :deployment, :slug, :at, :by, :reason)
ON CONFLICT DO NOTHING
