-- The limits of which a run, or a task of it, holds or awaits a slot.
SELECT environment, kind, name, holder, attempt, 1 AS held FROM slot
WHERE run_id = :run_id
UNION ALL
SELECT environment, 'limit', name, holder, attempt, 0 FROM slot_waiter
WHERE run_id = :run_id
