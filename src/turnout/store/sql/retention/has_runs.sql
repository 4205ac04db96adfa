-- Whether a run was made in a span of time.
SELECT 1 FROM flow_run
WHERE project = :project AND environment = :environment AND id >= :since AND id < :until
LIMIT 1
