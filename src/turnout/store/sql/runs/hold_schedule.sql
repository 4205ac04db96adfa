-- Hold back the runs that a schedule made and that have not started.
UPDATE flow_run SET lane = NULL
WHERE project = :project AND environment = :environment AND deployment = :deployment AND state = 'scheduled'
    AND schedule = :slug AND attempt = 1
