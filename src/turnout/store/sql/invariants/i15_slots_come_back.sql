-- An attempt that is over still has a slot.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT s.run_id AS id, s.kind || '/' || s.name || ' by attempt ' || s.attempt || ', the run is ' || r.state AS detail
FROM slot AS s
JOIN flow_run AS r ON r.id = s.run_id
WHERE r.attempt <> s.attempt OR r.state NOT IN ('pending', 'running', 'paused', 'cancelling')
LIMIT :limit
