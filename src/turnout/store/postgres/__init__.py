"""The store on PostgreSQL: one writer at a time over all servers, as on SQLite. Loaded when a URL is opened."""
