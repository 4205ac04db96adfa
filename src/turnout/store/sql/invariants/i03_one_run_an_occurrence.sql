-- An occurrence of a schedule has more than one run.
-- Cancel all but one of them. This is a bug in Turnout: keep a copy of the database and report it.
SELECT min(id) AS id, count(*) || ' runs of ' || deployment || '/' || schedule || ' at ' || occurrence AS detail
FROM flow_run
WHERE occurrence IS NOT NULL
GROUP BY project, environment, deployment, schedule, occurrence
HAVING count(*) > 1
LIMIT :limit
