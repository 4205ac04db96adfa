-- The token that a data folder's file held when it was last told of.
SELECT token_hash FROM issued_token
WHERE folder = :folder AND file = :file
