-- A bundle's content.
SELECT content FROM bundle
WHERE digest = :digest
