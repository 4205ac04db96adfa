-- An artifact is stored that was not acknowledged: it would be stored a second time.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT a.run_id AS id, 'attempt ' || a.attempt || ', stream ' || a.stream || ', line ' || a.seq AS detail
FROM artifact AS a
LEFT JOIN journal_stream AS j ON j.run_id = a.run_id AND j.attempt = a.attempt AND j.stream = a.stream
WHERE j.acked IS NULL OR j.acked < a.seq
LIMIT :limit
