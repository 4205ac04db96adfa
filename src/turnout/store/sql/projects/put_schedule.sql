-- Make a schedule what a release says it is, or remember how far it was followed.
INSERT INTO schedule (project, environment, deployment, slug, spec, watermark, next_due, paused)
VALUES (:project, :environment, :deployment, :slug, :spec, :watermark, :next_due, :paused)
ON CONFLICT (project, environment, deployment, slug) DO UPDATE SET spec = excluded.spec, watermark = excluded.watermark,
    next_due = excluded.next_due, paused = excluded.paused
