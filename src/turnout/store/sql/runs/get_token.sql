-- The run and attempt that a token was issued for.
SELECT run_id, attempt FROM run_token
WHERE token_hash = :token_hash
