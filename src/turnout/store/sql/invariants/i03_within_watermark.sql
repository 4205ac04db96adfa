-- A run was made of an occurrence that its schedule has not come to yet.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT r.id, s.deployment || '/' || s.slug || ' is at ' || s.watermark || ', the run at ' || r.occurrence AS detail
FROM schedule AS s
JOIN flow_run AS r ON r.project = s.project AND r.environment = s.environment AND r.deployment = s.deployment
    AND r.schedule = s.slug AND r.occurrence > s.watermark
WHERE r.occurrence IS NOT NULL AND r.created_at >= s.watermark
LIMIT :limit
