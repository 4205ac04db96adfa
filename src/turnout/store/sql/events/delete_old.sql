-- Remove the oldest events that came before a time.
DELETE FROM emitted_event
WHERE seq IN (SELECT seq FROM emitted_event WHERE received_at < :before ORDER BY seq LIMIT :limit)
