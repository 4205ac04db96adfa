-- Remove a portion of the artifacts of runs that have been over for long.
DELETE FROM artifact
WHERE (run_id, attempt, stream, seq) IN (
    SELECT a.run_id, a.attempt, a.stream, a.seq FROM artifact AS a JOIN flow_run AS r ON r.id = a.run_id
    WHERE a.run_id < :before AND r.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped')
        AND r.ended_at < :ended_before
    ORDER BY a.run_id
    LIMIT :limit
)
