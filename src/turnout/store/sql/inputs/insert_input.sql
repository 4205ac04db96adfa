-- Tell a run something, unless it was told under this key.
INSERT INTO run_input (run_id, number, key, value, sender, at)
SELECT :run_id, coalesce(max(number), 0) + 1, :key, :value, :sender, :at FROM run_input
WHERE run_id = :run_id
ON CONFLICT DO NOTHING
