-- Keep the artifacts of a batch.
INSERT INTO artifact (run_id, attempt, stream, seq, number, key, kind, at, data)
SELECT :run_id, :attempt, :stream, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), value ->> 2, value ->> 3,
    CAST(value ->> 4 AS BIGINT), value ->> 5
FROM json_array_elements(CAST(:artifacts AS json)) AS item (value)
