"""The databases: the only package that knows SQL.

`open_store(path)` gives a `core.ports.Store`; its functions get a `Tx` whose aggregates are modules here (`runs.py`,
`journal.py`, `projects.py` ...), each running statements that live in `sql/<aggregate>/`. What differs between
databases is in `dialects/` and in statement files with a dialect in their name.
"""

from turnout.store.store import Store, open_beacon, open_reader, open_store

__all__ = ["Store", "open_beacon", "open_reader", "open_store"]
