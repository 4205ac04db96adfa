-- A schedule has been due for a while, and no server follows it.
-- Look at the server's log in the data folder for errors of the service 'scheduler'.
SELECT project || '/' || environment || '/' || deployment || '/' || slug AS id, 'due since ' || next_due AS detail
FROM schedule
WHERE paused = 0 AND next_due < :long_ago
LIMIT :limit
