-- How many lines each log chunk of an attempt holds, in the order of their arrival.
SELECT id, lines, max_level FROM log_chunk
WHERE run_id = :run_id AND attempt = :attempt
ORDER BY id
