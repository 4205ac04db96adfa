-- Forget credentials that are over.
DELETE FROM credential
WHERE expires_at <= :now
