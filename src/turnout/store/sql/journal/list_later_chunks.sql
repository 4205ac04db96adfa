-- Log chunks of the attempts after one, by attempt, then in the order of their arrival.
SELECT id, attempt, stream, body FROM log_chunk
WHERE run_id = :run_id AND attempt > :attempt
ORDER BY attempt, id
