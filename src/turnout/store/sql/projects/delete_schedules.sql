-- Forget every schedule of a deployment.
DELETE FROM schedule
WHERE project = :project AND environment = :environment AND deployment = :deployment
