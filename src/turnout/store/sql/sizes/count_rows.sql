-- Rows of each class, and those of runs that were made since a moment: a run's id begins with its time.
SELECT 'runs' AS class, count(*) AS number, sum(CASE WHEN id >= :since THEN 1 ELSE 0 END) AS recent FROM flow_run
UNION ALL
SELECT 'tasks', count(*), sum(CASE WHEN run_id >= :since THEN 1 ELSE 0 END) FROM task_run
UNION ALL
SELECT 'logs', count(*), sum(CASE WHEN run_id >= :since THEN 1 ELSE 0 END) FROM log_chunk
UNION ALL
SELECT 'artifacts', count(*), sum(CASE WHEN run_id >= :since THEN 1 ELSE 0 END) FROM artifact
UNION ALL
SELECT 'bundles', count(*), 0 FROM bundle
UNION ALL
SELECT 'releases', count(*), 0 FROM release
UNION ALL
SELECT 'idempotency', count(*), 0 FROM idempotency
