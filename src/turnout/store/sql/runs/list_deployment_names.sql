-- The different deployments of runs that match a text, found by going from each to the next in its index.
WITH RECURSIVE known (name) AS (
    SELECT min(deployment) FROM flow_run
    UNION ALL
    SELECT (SELECT min(deployment) FROM flow_run WHERE deployment > known.name) FROM known WHERE known.name IS NOT NULL
)
SELECT name FROM known WHERE name IS NOT NULL AND lower(name) LIKE lower(CAST(:text AS TEXT)) ESCAPE '!' LIMIT :limit
