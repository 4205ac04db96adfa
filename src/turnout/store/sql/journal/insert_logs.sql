-- Keep the log lines of a batch.
INSERT INTO log_chunk (run_id, attempt, stream, first_seq, last_seq, lines, min_at, max_at, max_level, body)
VALUES (:run_id, :attempt, :stream, :first_seq, :last_seq, :lines, :min_at, :max_at, :max_level, :body)
