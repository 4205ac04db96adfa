-- Remember an answer; the first one given stays until it expires.
INSERT INTO idempotency (principal, key, answer, expires_at)
VALUES (:principal, :key, :answer, :expires_at)
ON CONFLICT (principal, key) DO NOTHING
