-- What a run waits for from now on.
INSERT INTO run_question (run_id, key, form, description, asked_at, until)
VALUES (:run_id, :key, :form, :description, :asked_at, :until)
ON CONFLICT (run_id) DO UPDATE SET key = excluded.key, form = excluded.form, description = excluded.description,
    asked_at = excluded.asked_at, until = excluded.until
