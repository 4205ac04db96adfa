-- A run waits that no worker can ever take: it has no pool, or its deployment is gone.
-- Cancel it: turnout runs cancel RUN. This is a bug in Turnout: keep a copy of the database and report it.
SELECT id, 'no pool' AS detail FROM flow_run
WHERE state = 'scheduled' AND pool IS NULL AND trigger <> 'script'
LIMIT :limit
