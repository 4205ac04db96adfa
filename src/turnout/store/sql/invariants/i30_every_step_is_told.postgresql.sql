-- A run took a step of which no event tells.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT m.run_id AS id, 'version ' || m.version || ', ' || m.state AS detail
FROM (
    SELECT run_id, version, state FROM flow_run_history
    WHERE at > coalesce((SELECT value FROM store_mark WHERE name = 'events_pruned_at'), 0)
    EXCEPT
    SELECT run_id, CAST(CAST(payload AS json) ->> 'version' AS BIGINT), CAST(payload AS json) ->> 'state' FROM outbox WHERE kind = 'flow_run.state'
) AS m
LIMIT :limit
