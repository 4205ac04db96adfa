-- When the next schedule is due.
SELECT min(next_due) FROM schedule
WHERE paused = 0
