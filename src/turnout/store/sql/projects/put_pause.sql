-- Remember that a schedule, or a whole deployment, is paused, since when and by whom.
INSERT INTO pause (project, environment, deployment, slug, at, by, reason, until)
VALUES (:project, :environment, :deployment, :slug, :at, :by, :reason, :until)
ON CONFLICT DO NOTHING
