-- Whether something of a removed run is left.
SELECT 1 FROM pruned_run
LIMIT 1
