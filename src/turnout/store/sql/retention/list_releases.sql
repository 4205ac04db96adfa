-- Every release, oldest first, with the moment at which the next one took its place.
SELECT project, environment, number, bundle, applied_at,
    lead(applied_at) OVER (PARTITION BY project, environment ORDER BY number) AS replaced_at,
    row_number() OVER (PARTITION BY project, environment ORDER BY number DESC) AS age
FROM release
ORDER BY project, environment, number
