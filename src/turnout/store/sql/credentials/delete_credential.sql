-- Forget a credential.
DELETE FROM credential
WHERE token_hash = :token_hash
