-- A row refers to one that is not there.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT "table" || ' row ' || coalesce(rowid, '?') AS id, 'refers to ' || parent AS detail FROM pragma_foreign_key_check
LIMIT :limit
