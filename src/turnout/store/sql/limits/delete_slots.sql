-- Let go of every slot of a limit that is no more.
DELETE FROM slot
WHERE project = :project AND environment = :environment AND kind = :kind AND name = :name
