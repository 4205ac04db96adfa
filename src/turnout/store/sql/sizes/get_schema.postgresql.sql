-- The number of the last migration.
SELECT max(number) FROM schema_migration
