-- Forget one schedule.
DELETE FROM schedule
WHERE project = :project AND environment = :environment AND deployment = :deployment AND slug = :slug
