-- Remove bundles that were stored long ago and that no release has.
DELETE FROM bundle
WHERE stored_at < :before AND digest NOT IN (SELECT r.bundle FROM release AS r WHERE r.bundle IS NOT NULL)
