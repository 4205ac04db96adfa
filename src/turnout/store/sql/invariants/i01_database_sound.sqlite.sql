-- The database file is damaged.
-- Stop the server, keep the file, and restore a backup: turnout restore FILE.
SELECT 'turnout.db' AS id, quick_check AS detail FROM pragma_quick_check
WHERE quick_check <> 'ok'
LIMIT :limit
