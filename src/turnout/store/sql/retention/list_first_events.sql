-- The oldest events.
SELECT seq, at FROM outbox
WHERE seq > 0
ORDER BY seq
LIMIT :limit
