-- Put a run that was held back into its lane, to start at a time.
UPDATE flow_run SET lane = :lane, due_at = :due_at
WHERE id = :id AND state = 'scheduled'
