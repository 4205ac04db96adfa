"""The server's small pages: status, one run, login, errors. Made on the server, whole without scripts.

Every text goes through `html.tag`, which escapes it; nothing here writes markup by hand around a value.
"""
