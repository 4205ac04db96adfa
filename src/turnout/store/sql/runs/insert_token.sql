-- Remember for which attempt a run token was issued.
INSERT INTO run_token (token_hash, run_id, attempt, issued_at)
VALUES (:token_hash, :run_id, :attempt, :issued_at)
