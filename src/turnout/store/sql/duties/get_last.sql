-- When a duty was last done.
SELECT done_at FROM duty
WHERE name = :name
