-- An event tells of a step that its run never took.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT m.run_id AS id, 'version ' || m.version || ', ' || m.state AS detail
FROM (
    SELECT run_id, CAST(CAST(payload AS json) ->> 'version' AS BIGINT) AS version, CAST(payload AS json) ->> 'state' AS state FROM outbox WHERE kind = 'flow_run.state'
    EXCEPT
    SELECT run_id, version, state FROM flow_run_history
) AS m
WHERE EXISTS (SELECT 1 FROM flow_run AS r WHERE r.id = m.run_id)
LIMIT :limit
