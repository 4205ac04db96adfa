-- Remember that a worker was heard of.
UPDATE worker SET seen_at = :now
WHERE id = :id
