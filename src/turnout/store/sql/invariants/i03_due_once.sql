-- A schedule is due at a time that it has dealt with already.
-- Apply the project again: turnout apply. This is a bug in Turnout: keep a copy of the database and report it.
SELECT project || '/' || environment || '/' || deployment || '/' || slug AS id,
    'next due ' || next_due || ', dealt with up to ' || watermark AS detail
FROM schedule
WHERE next_due <= watermark
LIMIT :limit
