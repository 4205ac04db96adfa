-- The bundle of what is deployed is not there: its runs could not start.
-- Apply the project again: turnout apply. This is a bug in Turnout: keep a copy of the database and report it.
SELECT DISTINCT o.project || '/' || o.environment || ' release ' || o.release AS id, a.bundle AS detail
FROM object AS o
JOIN release AS a ON a.project = o.project AND a.environment = o.environment AND a.number = o.release
WHERE a.bundle IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bundle AS b WHERE b.digest = a.bundle)
LIMIT :limit
