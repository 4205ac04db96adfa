"""SQL files as flows: a header of comments says what the file takes and gives, its statements are the tasks.

`header` and `statements` read a file, `flow.load` makes an engine flow of it, `connections` opens databases for SQL and
Python flows alike, one process at a time. Invariant: values are bound, never interpolated.
"""
