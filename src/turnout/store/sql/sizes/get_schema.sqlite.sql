-- The number of the last migration.
SELECT user_version FROM pragma_user_version
