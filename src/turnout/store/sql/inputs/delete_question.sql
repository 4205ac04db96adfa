-- A run waits for nothing any more.
DELETE FROM run_question WHERE run_id = :run_id
