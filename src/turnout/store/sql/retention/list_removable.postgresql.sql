-- Of some runs those that may go: over, told of by nobody any more, and not the last of a deployment, or last completed.
SELECT r.id FROM json_array_elements_text(CAST(:ids AS json)) AS item (value) JOIN flow_run AS r ON r.id = item.value
WHERE (r.state IN ('completed', 'failed', 'skipped')
        OR (r.state IN ('crashed', 'cancelled') AND (r.started_at IS NULL OR r.state_at < :settled)))
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
