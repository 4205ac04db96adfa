-- Events after a position, in order.
SELECT seq, at, kind, run_id, payload FROM outbox
WHERE seq > :seq
ORDER BY seq
LIMIT :limit
