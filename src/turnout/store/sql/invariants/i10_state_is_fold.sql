-- A run shows something else than the last entry of its history.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT r.id, 'version ' || r.version || ' shows ' || r.state || ', history says ' || coalesce(h.state, 'nothing')
    AS detail
FROM flow_run AS r
LEFT JOIN flow_run_history AS h ON h.run_id = r.id AND h.version = r.version
WHERE h.run_id IS NULL OR h.state <> r.state OR h.attempt <> r.attempt OR h.name <> r.state_name
    OR coalesce(h.reason, '') <> coalesce(r.reason, '')
LIMIT :limit
