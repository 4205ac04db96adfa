-- Set a value.
INSERT INTO stored_value (project, environment, kind, name, content, tags, changed_at, changed_by)
VALUES (:project, :environment, :kind, :name, :content, :tags, :now, :by)
ON CONFLICT (project, environment, kind, name) DO UPDATE SET content = excluded.content, tags = excluded.tags,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by
