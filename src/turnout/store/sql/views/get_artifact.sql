-- The data of one artifact.
SELECT data FROM artifact
WHERE run_id = :run_id AND attempt = :attempt AND stream = :stream AND seq = :seq
