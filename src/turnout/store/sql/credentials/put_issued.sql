-- Remember the token that a data folder's file holds.
INSERT INTO issued_token (folder, file, token_hash)
VALUES (:folder, :file, :token_hash)
ON CONFLICT (folder, file) DO UPDATE SET token_hash = excluded.token_hash
