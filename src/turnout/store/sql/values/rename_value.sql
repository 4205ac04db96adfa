-- Give a value another name; when it was set and by whom stays.
UPDATE stored_value SET name = :new
WHERE project = :project AND environment = :environment AND kind = :kind AND name = :name
