-- Say that something else is declared from now on.
INSERT INTO store_mark (name, value) VALUES ('declared', 1)
ON CONFLICT (name) DO UPDATE SET value = store_mark.value + 1
