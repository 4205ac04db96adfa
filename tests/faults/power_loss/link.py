"""apsw's connection as the store uses sqlite3's: the product's own Commits, migrations and statements run on it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import apsw

from tests.faults.power_loss.disk import Disk
from turnout.store.dialects import sqlite

DATABASE = "/turnout.db"
EXCLUSIVE = "PRAGMA locking_mode = EXCLUSIVE;"
"""apsw's files have no shared memory, so the index of the log is in the process: what is on disk is the same."""


class Cursor:
    """An answer. `rowcount` is right for single statements that write."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())


class Link:
    """What `turnout.store` asks of a connection."""

    def __init__(self, disk: Disk, more: str = "", synchronous: str | None = None) -> None:
        self._connection = apsw.Connection(DATABASE, vfs=disk.name)
        pragmas = sqlite._PRAGMAS
        if synchronous is not None:
            pragmas += f" PRAGMA synchronous = {synchronous};"
        self.executescript(f"{EXCLUSIVE} {pragmas} PRAGMA journal_mode = WAL; {more}")

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.in_transaction)

    def execute(self, text: str, values: Mapping[str, Any] | None = None) -> Cursor:
        try:
            before = self._connection.total_changes()
            rows = list(self._connection.execute(text, values))
            return Cursor(rows, self._connection.changes() if self._connection.total_changes() > before else 0)
        except apsw.Error as error:
            raise _translated(error) from error

    def executescript(self, text: str) -> None:
        self.execute(text)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._connection.close(True)


def _translated(error: apsw.Error) -> sqlite3.OperationalError:
    made = sqlite3.OperationalError(str(error))
    made.sqlite_errorcode = getattr(error, "extendedresult", 0) or getattr(error, "result", 0)
    return made
