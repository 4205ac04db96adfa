-- The database is set so that acknowledged writes can be lost with the power.
-- Start the server of this version on it: it sets journal_mode WAL and synchronous FULL.
SELECT 'journal_mode' AS id, journal_mode AS detail FROM pragma_journal_mode WHERE journal_mode <> 'wal'
UNION ALL
SELECT 'synchronous', CAST(synchronous AS TEXT) FROM pragma_synchronous WHERE synchronous < 2
LIMIT :limit
