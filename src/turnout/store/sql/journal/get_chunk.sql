-- The chunk that holds a log line.
SELECT id FROM log_chunk
WHERE run_id = :run_id AND attempt = :attempt AND stream = :stream AND first_seq <= :seq
ORDER BY first_seq DESC
LIMIT 1
