-- Give a portion of the runs of a deployment its new name; those that wait keep their lanes' marks.
UPDATE flow_run SET deployment = :new,
    lane = pool || '/' || environment || '/' || :new || substr(lane, length(pool || '/' || environment || '/' || :name) + 1)
WHERE project = :project AND environment = :environment AND deployment = :name AND id > :after AND id <= :last
