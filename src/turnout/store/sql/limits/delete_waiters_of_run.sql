-- No task of a run waits any more.
DELETE FROM slot_waiter
WHERE run_id = :run_id
