-- A slot was not let go when its attempt ended; it counts for nothing.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT s.run_id AS id, s.kind || ' ' || s.name || ', attempt ' || s.attempt AS detail FROM slot AS s
JOIN flow_run AS f ON f.id = s.run_id
WHERE f.attempt <> s.attempt OR f.state NOT IN ('pending', 'running', 'paused', 'cancelling')
LIMIT :limit
