-- Whether this SQLite can tell how big a table is.
SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'
