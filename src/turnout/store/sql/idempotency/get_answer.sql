-- An answer that was given before and is still remembered.
SELECT answer FROM idempotency
WHERE principal = :principal AND key = :key AND expires_at > :now
