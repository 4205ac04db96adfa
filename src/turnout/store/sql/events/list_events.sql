-- Events of a namespace whose name begins so, in the order in which they came.
SELECT seq, id, name, content, run_id, occurred_at, received_at FROM emitted_event
WHERE project = :project AND environment = :environment AND seq > :after AND name >= :low AND name < :high
ORDER BY seq
LIMIT :limit
