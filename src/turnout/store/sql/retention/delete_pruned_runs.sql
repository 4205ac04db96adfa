-- Remove the runs that were noted, with their history, tags, tokens and slots.
DELETE FROM flow_run
WHERE id IN (SELECT run_id FROM pruned_run)
