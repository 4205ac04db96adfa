-- A task's timeline takes a step that the table of steps does not have, or ends elsewhere than the task.
-- This is a bug in Turnout: keep a copy of the database and report it.
WITH entry AS (
    SELECT t.run_id, t.attempt, t.number, t.state AS shown, e.key AS place, e.value ->> 0 AS state, e.value ->> 1 AS name
    FROM task_run AS t CROSS JOIN json_each(t.detail, '$.timeline') AS e
), accepted AS (
    SELECT run_id, attempt, number, shown, place, state,
        lead(state) OVER (PARTITION BY run_id, attempt, number ORDER BY place) AS later
    FROM entry
    WHERE substr(name, 1, 9) <> 'Refused ('
), kept AS (
    SELECT run_id, attempt, number, shown, state, later,
        lead(state) OVER (PARTITION BY run_id, attempt, number ORDER BY place) AS next
    FROM accepted
    WHERE later IS NULL OR state NOT IN ('crashed', 'cancelled')
)
SELECT run_id AS id, 'attempt ' || attempt || ', task ' || number || ': ' || state || ' to ' || coalesce(next, shown)
    AS detail
FROM kept
WHERE (next IS NOT NULL AND state || ' ' || next NOT IN ({legal_steps})) OR (next IS NULL AND state <> shown)
LIMIT :limit
