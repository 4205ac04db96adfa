-- More of a log is stored than was acknowledged: it would be stored a second time.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT c.run_id AS id, 'attempt ' || c.attempt || ', stream ' || c.stream || ', up to ' || c.last_seq AS detail
FROM (
    SELECT run_id, attempt, stream, max(last_seq) AS last_seq FROM log_chunk GROUP BY run_id, attempt, stream
) AS c
LEFT JOIN journal_stream AS j ON j.run_id = c.run_id AND j.attempt = c.attempt AND j.stream = c.stream
WHERE j.acked IS NULL OR j.acked < c.last_seq
LIMIT :limit
