-- Log chunks of all attempts from a position on, in the order of their arrival; `+`: found by the run, not by the id.
SELECT id, attempt, stream, body FROM log_chunk
WHERE run_id = :run_id AND id >= :chunk
ORDER BY +id
