-- Bytes of each table and its indexes.
SELECT CAST(relname AS TEXT), pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)
