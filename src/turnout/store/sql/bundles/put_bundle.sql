-- Keep a bundle; the same digest is the same content.
INSERT INTO bundle (digest, content, stored_at)
VALUES (:digest, :content, :now)
ON CONFLICT (digest) DO NOTHING
