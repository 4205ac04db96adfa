-- Tasks of an attempt by their numbers, to go on with them.
SELECT number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, detail
FROM task_run
WHERE run_id = :run_id AND attempt = :attempt
    AND number IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(:numbers AS json)) AS item (value))
