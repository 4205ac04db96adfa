-- Runs of a namespace by deployment, hour in which they were due, and state: of the newest from an id on.
SELECT deployment, hour, state, count(*), max(id) FROM (
    SELECT deployment, due_at / 3600000000 AS hour, state, id FROM flow_run
    WHERE project = :project AND environment = :environment AND id >= :first
    ORDER BY id DESC LIMIT :limit
) AS newest
WHERE deployment IS NOT NULL
GROUP BY deployment, hour, state
ORDER BY deployment, hour, state
