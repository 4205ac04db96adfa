-- Something of a run is stored, and the run is not.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT l.run_id AS id, l.part AS detail
FROM (
    SELECT DISTINCT run_id, 'tasks' AS part FROM task_run
    UNION ALL
    SELECT DISTINCT run_id, 'log' FROM log_chunk
    UNION ALL
    SELECT DISTINCT run_id, 'artifacts' FROM artifact
    UNION ALL
    SELECT DISTINCT run_id, 'journal' FROM journal_stream
    UNION ALL
    SELECT DISTINCT run_id, 'history' FROM flow_run_history
) AS l
WHERE NOT EXISTS (SELECT 1 FROM flow_run AS r WHERE r.id = l.run_id)
    AND NOT EXISTS (SELECT 1 FROM pruned_run AS p WHERE p.run_id = l.run_id)
LIMIT :limit
