-- Log chunks of a run from a position on, by attempt, then in the order of their arrival.
SELECT id, attempt, stream, body FROM log_chunk
WHERE run_id = :run_id AND (attempt, id) >= (:attempt, :chunk) AND attempt <= :last
ORDER BY attempt, id
