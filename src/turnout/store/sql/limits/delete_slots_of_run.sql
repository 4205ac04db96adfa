-- Let go of every slot of a run.
DELETE FROM slot
WHERE run_id = :run_id
