-- A run left a final state without a new attempt.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT h.run_id AS id, 'version ' || h.version || ': ' || p.state || ' to ' || h.state AS detail
FROM flow_run_history AS h
JOIN flow_run_history AS p ON p.run_id = h.run_id AND p.version = h.version - 1
WHERE p.state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped') AND h.attempt <= p.attempt
LIMIT :limit
