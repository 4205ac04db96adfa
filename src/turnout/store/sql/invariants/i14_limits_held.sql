-- A run goes on without a slot of its deployment's or its pool's limit.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT f.id, l.kind || ' ' || l.name AS detail FROM flow_run AS f
JOIN run_limit AS l ON l.project = f.project AND l.environment = f.environment AND l.concurrency IS NOT NULL
    AND ((l.kind = 'deployment' AND l.name = f.deployment) OR (l.kind = 'pool' AND l.name = f.pool))
WHERE f.state IN ('pending', 'running', 'paused', 'cancelling')
    AND NOT (f.state = 'paused' AND f.worker IS NULL) AND NOT EXISTS (
    SELECT 1 FROM slot AS s
    WHERE s.project = l.project AND s.environment = l.environment AND s.kind = l.kind AND s.name = l.name
        AND s.run_id = f.id AND s.attempt = f.attempt AND s.holder = ''
)
LIMIT :limit
