-- What an earlier deployment of that name ran is no occurrence of the one that gets it.
UPDATE flow_run SET occurrence = NULL
WHERE project = :project AND environment = :environment AND deployment = :new AND occurrence IS NOT NULL
