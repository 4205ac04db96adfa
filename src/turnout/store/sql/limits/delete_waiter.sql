-- A task waits no more.
DELETE FROM slot_waiter
WHERE project = :project AND environment = :environment AND name = :name AND run_id = :run_id AND holder = :holder
