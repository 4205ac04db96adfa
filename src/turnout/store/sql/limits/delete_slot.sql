-- Let go of one slot.
DELETE FROM slot
WHERE project = :project AND environment = :environment AND kind = 'limit' AND name = :name AND run_id = :run_id
    AND holder = :holder
