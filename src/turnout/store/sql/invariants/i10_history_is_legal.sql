-- A run took a step that the table of transitions does not have.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT h.run_id AS id, 'version ' || h.version || ': ' || p.state || ' to ' || h.state || ', attempt ' || p.attempt
    || ' to ' || h.attempt AS detail
FROM flow_run_history AS h
JOIN flow_run_history AS p ON p.run_id = h.run_id AND p.version = h.version - 1
WHERE p.state || ' ' || h.state || ' ' || CASE
        WHEN h.attempt = p.attempt THEN 0
        WHEN h.attempt = p.attempt + 1 OR (h.attempt > p.attempt AND h.attempt % 1000 = 1) THEN 1
        ELSE 2
    END NOT IN ({legal_transitions})
    AND NOT (p.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped') AND h.attempt <= p.attempt)
LIMIT :limit
