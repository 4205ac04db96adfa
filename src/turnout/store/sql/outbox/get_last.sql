-- The highest sequence number so far.
SELECT coalesce(max(seq), 0) FROM outbox
