-- Log chunks of an attempt from a position on, in the order of their arrival.
SELECT id, attempt, stream, body FROM log_chunk
WHERE run_id = :run_id AND attempt = :attempt AND id >= :chunk
ORDER BY id
