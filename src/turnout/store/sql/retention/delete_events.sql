-- Remove the events up to one.
DELETE FROM outbox
WHERE seq <= :upto
