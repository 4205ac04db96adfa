-- The database server is set so that acknowledged writes can be lost with the power.
-- Set fsync = on and full_page_writes = on in postgresql.conf, then reload it.
SELECT name AS id, setting AS detail FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
LIMIT :limit
