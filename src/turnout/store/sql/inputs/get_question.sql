-- What a run waits for.
SELECT key, form, description, asked_at, until FROM run_question
WHERE run_id = :run_id
