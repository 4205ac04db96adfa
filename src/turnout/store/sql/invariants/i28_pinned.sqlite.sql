-- A run for a worker does not name the release and the bundle that it executes, or they are not there.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT r.id, 'release ' || coalesce(CAST(r.release AS TEXT), 'none') || ', bundle ' || coalesce(r.bundle, 'none')
    AS detail
FROM (
    SELECT id, project, environment, spec ->> 'release' AS release, spec ->> 'bundle' AS bundle
    FROM flow_run
    WHERE pool IS NOT NULL
) AS r
LEFT JOIN release AS a ON a.project = r.project AND a.environment = r.environment AND a.number = r.release
WHERE a.number IS NULL OR coalesce(a.bundle, '') <> coalesce(r.bundle, '')
    OR (r.bundle IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bundle AS b WHERE b.digest = r.bundle))
LIMIT :limit
