-- Whether a bundle is stored.
SELECT 1 FROM bundle
WHERE digest = :digest
