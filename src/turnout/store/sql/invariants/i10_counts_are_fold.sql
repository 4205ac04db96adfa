-- A run counts other failures or crashes than its history tells.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT r.id, r.failures || ' failures and ' || r.crashes || ' crashes are counted' AS detail
FROM flow_run AS r
WHERE r.failures <> (SELECT count(*) FROM flow_run_history AS h WHERE h.run_id = r.id AND h.state = 'failed')
    OR r.crashes <> (SELECT count(*) FROM flow_run_history AS h WHERE h.run_id = r.id AND h.state = 'crashed')
LIMIT :limit
