-- Bytes of the database; PostgreSQL itself knows what of them is free.
SELECT pg_database_size(current_database()), 0
