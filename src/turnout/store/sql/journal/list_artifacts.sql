-- Artifacts of a run in the order in which they were made.
SELECT attempt, number, key, kind, at, data FROM artifact
WHERE run_id = :run_id
ORDER BY attempt, stream, seq
