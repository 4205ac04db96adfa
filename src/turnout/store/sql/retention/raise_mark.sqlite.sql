-- Move a mark forward.
INSERT INTO store_mark (name, value)
VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = max(store_mark.value, excluded.value)
