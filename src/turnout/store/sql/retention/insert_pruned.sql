-- Note runs that are to be removed: over for long, and not the last run, or the last completed run, of a deployment.
INSERT INTO pruned_run (run_id)
SELECT r.id FROM flow_run AS r
WHERE r.id < :before AND r.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped')
    AND r.ended_at < :ended_before
    AND (r.deployment IS NULL OR (
        EXISTS (
            SELECT 1 FROM flow_run AS n
            WHERE n.project = r.project AND n.environment = r.environment AND n.deployment = r.deployment
                AND n.id > r.id
        ) AND (r.state <> 'completed' OR EXISTS (
            SELECT 1 FROM flow_run AS n
            WHERE n.project = r.project AND n.environment = r.environment AND n.deployment = r.deployment
                AND n.state = 'completed' AND n.id > r.id
        ))
    ))
ORDER BY r.id
LIMIT :limit
