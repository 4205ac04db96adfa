-- The one statement that writes tasks' states, a batch at a time; a short row has what most have in common.
INSERT INTO task_run (run_id, attempt, number, parent, kind, key, name, state, state_name, tries, created_at, started_at,
    ended_at, detail)
SELECT :run_id, :attempt, CAST(value ->> 0 AS BIGINT), coalesce(CAST(value ->> 6 AS BIGINT), :parent),
    coalesce(value ->> 7, :kind), value ->> 1, coalesce(value ->> 8, :name), coalesce(value ->> 9, :state),
    coalesce(value ->> 10, :state_name), coalesce(CAST(value ->> 11 AS BIGINT), :tries), CAST(value ->> 2 AS BIGINT),
    CAST(value ->> 3 AS BIGINT), CAST(value ->> 4 AS BIGINT), value ->> 5
FROM json_array_elements(CAST(:tasks AS json)) AS item (value)
ON CONFLICT (run_id, attempt, number) DO UPDATE SET parent = excluded.parent, kind = excluded.kind, key = excluded.key,
    name = excluded.name, state = excluded.state, state_name = excluded.state_name, tries = excluded.tries,
    created_at = excluded.created_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
    detail = excluded.detail
