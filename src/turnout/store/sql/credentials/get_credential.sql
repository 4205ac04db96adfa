-- An unexpired credential.
SELECT kind, name, scope FROM credential
WHERE token_hash = :token_hash AND (expires_at IS NULL OR expires_at > :now)
