-- When a duty was last done, by the database's clock and by its machine's uptime.
SELECT done_at, boot, uptime FROM duty
WHERE name = :name
