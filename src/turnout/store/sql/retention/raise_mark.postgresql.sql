-- Move a mark forward.
INSERT INTO store_mark (name, value)
VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = greatest(store_mark.value, excluded.value)
