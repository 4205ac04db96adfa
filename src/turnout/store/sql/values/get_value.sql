-- A stored value.
SELECT content, tags, changed_at, changed_by FROM stored_value
WHERE project = :project AND environment = :environment AND kind = :kind AND name = :name
