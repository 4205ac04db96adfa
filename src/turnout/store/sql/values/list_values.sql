-- The values of a kind, by name.
SELECT name, content, tags, changed_at, changed_by FROM stored_value
WHERE project = :project AND environment = :environment AND kind = :kind
ORDER BY name
