-- Remove a portion of the artifacts of removed runs.
DELETE FROM artifact
WHERE (run_id, attempt, stream, seq) IN (
    SELECT a.run_id, a.attempt, a.stream, a.seq FROM pruned_run AS p CROSS JOIN artifact AS a WHERE a.run_id = p.run_id
    LIMIT :limit
)
