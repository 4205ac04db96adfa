-- A run's history has a gap, or goes beyond the run.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT h.run_id AS id, 'version ' || h.version AS detail
FROM flow_run_history AS h
LEFT JOIN flow_run_history AS p ON p.run_id = h.run_id AND p.version = h.version - 1
JOIN flow_run AS r ON r.id = h.run_id
WHERE (p.run_id IS NULL AND h.version <> 1) OR h.version > r.version
LIMIT :limit
