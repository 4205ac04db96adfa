-- Nothing keeps an occurrence from getting a second run: its unique index is gone.
-- Stop every server and restore a backup: turnout restore FILE.
SELECT 'flow_run_occurrence' AS id, NULL AS detail
WHERE NOT EXISTS (
    SELECT 1 FROM pg_index
    WHERE indexrelid = to_regclass('flow_run_occurrence') AND indisunique AND indisvalid
)
LIMIT :limit
