-- The tokens of an attempt that was given back stand for nothing any more.
UPDATE run_token SET revoked_at = :at
WHERE run_id = :run_id AND revoked_at IS NULL
