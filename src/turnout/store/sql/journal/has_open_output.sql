-- Whether a supervisor began to store what an attempt prints, and has not ended.
SELECT 1 FROM journal_stream
WHERE run_id = :run_id AND attempt = :attempt AND stream > 0 AND ended = 0
LIMIT 1
