-- A task's timeline takes a step that the table of steps does not have, or ends elsewhere than the task.
-- This is a bug in Turnout: keep a copy of the database and report it.
WITH way AS (
    SELECT DISTINCT t.state AS shown, (
        SELECT group_concat(e.value ->> 0, ' ') FROM json_each(t.detail, '$.timeline') AS e
        WHERE substr(e.value ->> 1, 1, 9) <> 'Refused ('
    ) AS path
    FROM task_run AS t
), accepted AS (
    SELECT w.shown, w.path, e.key AS place, e.value AS state
    FROM way AS w CROSS JOIN json_each('["' || replace(w.path, ' ', '","') || '"]') AS e
), followed AS (
    SELECT shown, path, place, state, lead(state) OVER (PARTITION BY shown, path ORDER BY place) AS later FROM accepted
), kept AS (
    SELECT shown, path, state, lead(state) OVER (PARTITION BY shown, path ORDER BY place) AS next FROM followed
    WHERE later IS NULL OR state NOT IN ('crashed', 'cancelled')
), wrong AS (
    SELECT shown, path, min(state || ' to ' || coalesce(next, shown)) AS step FROM kept
    WHERE (next IS NOT NULL AND state || ' ' || next NOT IN ({legal_steps})) OR (next IS NULL AND state <> shown)
    GROUP BY shown, path
)
SELECT t.run_id AS id, 'attempt ' || t.attempt || ', task ' || t.number || ': ' || w.step AS detail
FROM wrong AS w CROSS JOIN task_run AS t
WHERE t.state = w.shown AND w.path = (
    SELECT group_concat(e.value ->> 0, ' ') FROM json_each(t.detail, '$.timeline') AS e
    WHERE substr(e.value ->> 1, 1, 9) <> 'Refused ('
)
LIMIT :limit
