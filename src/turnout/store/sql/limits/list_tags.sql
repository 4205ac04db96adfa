-- The tags that named limits of a namespace bind runs by.
SELECT tags FROM run_limit
WHERE project = :project AND environment = :environment AND kind = 'limit' AND tags <> '[]'
