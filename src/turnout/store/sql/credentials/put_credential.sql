-- Add a credential, or renew it.
INSERT INTO credential (token_hash, kind, name, scope, created_at, expires_at)
VALUES (:token_hash, :kind, :name, :scope, :now, :expires_at)
ON CONFLICT (token_hash) DO UPDATE SET kind = excluded.kind, name = excluded.name, scope = excluded.scope,
    expires_at = excluded.expires_at
