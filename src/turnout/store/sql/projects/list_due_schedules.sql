-- Schedules whose next occurrence is due, the longest first.
SELECT project, environment, deployment, slug, spec, watermark, next_due, paused FROM schedule
WHERE paused = 0 AND next_due <= :now
ORDER BY next_due
LIMIT :limit
