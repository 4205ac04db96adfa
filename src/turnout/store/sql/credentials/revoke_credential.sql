-- Forget the credential whose hash begins with an id.
DELETE FROM credential WHERE substr(token_hash, 1, 16) = :id
