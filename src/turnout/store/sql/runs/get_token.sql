-- The run and attempt that a token was issued for; attempt 0 for one that was revoked.
SELECT run_id, CASE WHEN revoked_at IS NULL THEN attempt ELSE 0 END FROM run_token
WHERE token_hash = :token_hash
