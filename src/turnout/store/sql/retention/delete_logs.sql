-- Remove a portion of the logs of runs that have been over for long.
DELETE FROM log_chunk
WHERE id IN (
    SELECT c.id FROM log_chunk AS c JOIN flow_run AS r ON r.id = c.run_id
    WHERE c.run_id < :before AND r.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped')
        AND r.ended_at < :ended_before
    ORDER BY c.run_id
    LIMIT :limit
)
