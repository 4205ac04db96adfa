-- Two stored pieces of a log overlap, or a piece is not what it says.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT c.run_id AS id, 'attempt ' || c.attempt || ', stream ' || c.stream || ', lines from ' || c.first_seq AS detail
FROM (
    SELECT run_id, attempt, stream, first_seq, last_seq, lines,
        lag(last_seq) OVER (PARTITION BY run_id, attempt, stream ORDER BY first_seq) AS before
    FROM log_chunk
) AS c
WHERE c.before >= c.first_seq OR c.lines < 1 OR c.first_seq < 0 OR c.lines > c.last_seq - c.first_seq + 1
LIMIT :limit
