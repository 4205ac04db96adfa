-- The newest artifacts of a run; large data are left out.
SELECT attempt, stream, seq, number, key, kind, at, length(data) AS size,
    CASE WHEN length(data) <= CAST(:most AS BIGINT) THEN data END AS content
FROM artifact
WHERE run_id = :run_id
ORDER BY attempt DESC, at DESC, stream DESC, seq DESC
LIMIT :limit
