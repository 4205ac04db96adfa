-- Deployments that start after another.
SELECT name FROM object
WHERE project = :project AND environment = :environment AND kind = 'deployment'
    AND EXISTS (
        SELECT 1 FROM json_array_elements_text(CAST(object.spec AS json) -> 'after') AS a (value) WHERE a.value = :name
    )
ORDER BY name
