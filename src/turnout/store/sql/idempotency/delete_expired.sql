-- Forget answers that are over.
DELETE FROM idempotency
WHERE expires_at <= :now
