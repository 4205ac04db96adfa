-- The one statement that writes tasks' states: new ones and changed ones, a batch at a time.
INSERT INTO task_run (run_id, attempt, number, parent, kind, key, name, state, state_name, tries, created_at, started_at,
    ended_at, detail)
SELECT :run_id, :attempt, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), value ->> 2, value ->> 3, value ->> 4,
    value ->> 5, value ->> 6, CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT), CAST(value ->> 9 AS BIGINT),
    CAST(value ->> 10 AS BIGINT), value ->> 11
FROM json_array_elements(CAST(:tasks AS json)) AS item (value)
ON CONFLICT (run_id, attempt, number) DO UPDATE SET parent = excluded.parent, kind = excluded.kind, key = excluded.key,
    name = excluded.name, state = excluded.state, state_name = excluded.state_name, tries = excluded.tries,
    created_at = excluded.created_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
    detail = excluded.detail
