-- Remove the marks of removed runs' journals.
DELETE FROM journal_stream
WHERE run_id IN (SELECT run_id FROM pruned_run)
