-- How far a stream was stored.
SELECT acked FROM journal_stream
WHERE run_id = :run_id AND attempt = :attempt AND stream = :stream
