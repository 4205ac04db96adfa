-- Suspended runs whose question nobody answered in time, the longest first.
SELECT q.run_id FROM run_question AS q
JOIN flow_run AS f ON f.id = q.run_id AND f.state = 'paused' AND f.worker IS NULL
WHERE q.until <= :now
ORDER BY q.until
LIMIT :limit
