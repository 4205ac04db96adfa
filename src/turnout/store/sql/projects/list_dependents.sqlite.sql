-- Deployments that start after another.
SELECT name FROM object
WHERE project = :project AND environment = :environment AND kind = 'deployment'
    AND EXISTS (SELECT 1 FROM json_each(object.spec, '$.after') AS a WHERE a.value = :name)
ORDER BY name
