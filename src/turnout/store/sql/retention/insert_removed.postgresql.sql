-- Note runs that are to be removed.
INSERT INTO pruned_run (run_id)
SELECT value FROM json_array_elements_text(CAST(:ids AS json)) AS item (value)
ON CONFLICT (run_id) DO NOTHING
