-- How often the database was restored from a backup.
SELECT value FROM store_mark
WHERE name = 'store_epoch'
