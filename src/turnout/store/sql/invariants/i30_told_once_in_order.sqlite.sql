-- Events of a run are out of order, or one came twice.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT e.run_id AS id, 'version ' || e.version || ' after ' || e.before AS detail
FROM (
    SELECT run_id, payload ->> 'version' AS version, lag(payload ->> 'version') OVER (PARTITION BY run_id ORDER BY seq) AS before
    FROM outbox
    WHERE kind = 'flow_run.state'
) AS e
WHERE e.before >= e.version
LIMIT :limit
