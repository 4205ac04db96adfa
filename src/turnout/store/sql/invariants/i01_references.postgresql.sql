-- References between tables are not enforced.
-- Validate the constraint (ALTER TABLE ... VALIDATE CONSTRAINT ...), or restore a backup.
SELECT CAST(CAST(conrelid AS regclass) AS TEXT) || ' ' || conname AS id, 'not validated' AS detail FROM pg_constraint
WHERE contype = 'f' AND NOT convalidated AND connamespace = CAST(current_schema() AS regnamespace)
LIMIT :limit
