-- Remove a portion of the logs of removed runs.
DELETE FROM log_chunk
WHERE id IN (SELECT c.id FROM pruned_run AS p CROSS JOIN log_chunk AS c WHERE c.run_id = p.run_id LIMIT :limit)
