-- Keep the artifacts of a batch.
INSERT INTO artifact (run_id, attempt, stream, seq, number, key, kind, at, data)
SELECT :run_id, :attempt, :stream, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
FROM json_each(:artifacts)
