-- A run can be claimed although its deployment or its schedule is paused.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT f.id, f.deployment AS detail FROM flow_run AS f
WHERE f.state = 'scheduled' AND f.lane IS NOT NULL AND (EXISTS (
    SELECT 1 FROM pause AS p
    WHERE p.project = f.project AND p.environment = f.environment AND p.deployment = f.deployment AND p.slug = ''
) OR (f.attempt = 1 AND EXISTS (
    SELECT 1 FROM schedule AS s
    WHERE s.project = f.project AND s.environment = f.environment AND s.deployment = f.deployment
        AND s.slug = f.schedule AND s.paused = 1
)))
LIMIT :limit
