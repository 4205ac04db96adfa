-- Note runs that are to be removed.
INSERT INTO pruned_run (run_id)
SELECT value FROM json_each(:ids) WHERE true
ON CONFLICT (run_id) DO NOTHING
