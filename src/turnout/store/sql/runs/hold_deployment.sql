-- Hold back every waiting run of a deployment.
UPDATE flow_run SET lane = NULL
WHERE project = :project AND environment = :environment AND deployment = :deployment AND state = 'scheduled'
