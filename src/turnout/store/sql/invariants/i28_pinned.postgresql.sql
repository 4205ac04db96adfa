-- A run for a worker does not name the release and the bundle that it executes, or they are not there.
-- This is a bug in Turnout: keep a copy of the database and report it.
WITH pinned AS (
    SELECT DISTINCT project, environment, spec FROM flow_run WHERE pool IS NOT NULL
), named AS (
    SELECT project, environment, spec, CAST(CAST(spec AS json) ->> 'release' AS BIGINT) AS release,
        CAST(spec AS json) ->> 'bundle' AS bundle
    FROM pinned
), wrong AS (
    SELECT n.project, n.environment, n.spec, n.release, n.bundle
    FROM named AS n
    LEFT JOIN release AS a ON a.project = n.project AND a.environment = n.environment AND a.number = n.release
    WHERE a.number IS NULL OR coalesce(a.bundle, '') <> coalesce(n.bundle, '')
        OR (n.bundle IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bundle AS b WHERE b.digest = n.bundle))
)
SELECT f.id, 'release ' || coalesce(CAST(w.release AS TEXT), 'none') || ', bundle ' || coalesce(w.bundle, 'none')
    AS detail
FROM wrong AS w CROSS JOIN flow_run AS f
WHERE f.project = w.project AND f.environment = w.environment AND f.spec = w.spec AND f.pool IS NOT NULL
LIMIT :limit
