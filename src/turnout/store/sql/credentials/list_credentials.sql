-- Credentials that have not expired, the newest first.
SELECT token_hash, kind, name, scope, created_at, expires_at FROM credential
WHERE kind <> 'jti' AND (expires_at IS NULL OR expires_at > :now)
ORDER BY created_at DESC, token_hash
LIMIT :limit
