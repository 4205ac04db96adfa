-- Put waiting runs into a lane.
UPDATE flow_run SET lane = :lane
WHERE state = 'scheduled' AND id IN (SELECT value FROM json_each(:ids))
