-- Log chunks of an attempt between two of them, in the order of their arrival.
SELECT id, stream, body FROM log_chunk
WHERE run_id = :run_id AND attempt = :attempt AND id >= :first AND id <= :last
ORDER BY id
