-- Nothing keeps an occurrence from getting a second run: its unique index is gone.
-- Stop the server, keep the file, and restore a backup: turnout restore FILE.
SELECT 'flow_run_occurrence' AS id, NULL AS detail
WHERE NOT EXISTS (SELECT 1 FROM pragma_index_list('flow_run') WHERE name = 'flow_run_occurrence' AND "unique" = 1)
LIMIT :limit
