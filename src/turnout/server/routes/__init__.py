"""The routes, one module a noun. A handler parses, calls one use case inside one transaction, and encodes."""
