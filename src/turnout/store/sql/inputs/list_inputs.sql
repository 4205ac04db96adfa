-- What a run was told under keys from `low` to before `high`, in order.
SELECT number, key, value, sender, at FROM run_input
WHERE run_id = :run_id AND number > :after AND key >= :low AND key < :high
ORDER BY number
LIMIT :limit
