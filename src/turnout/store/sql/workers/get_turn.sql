-- Which request of a worker was the newest to be answered.
SELECT session, turn, past_sessions FROM worker
WHERE id = :id
