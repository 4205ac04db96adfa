"""Reading: each thread has a connection of its own, each read one snapshot."""

import os
import sqlite3
from _thread import _local, allocate_lock  # not `threading`: a script that needs no more starts sooner
from collections.abc import Callable
from typing import Any, TypeVar

from turnout.core.errors import StoreUnavailable
from turnout.store.dialects import sqlite
from turnout.store.queries import Queries
from turnout.store.session import Session
from turnout.store.transaction import Tx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock

T = TypeVar("T")


class Readers:
    """The reading connections of a store; threads share nothing."""

    def __init__(self, path: str, clock: "Clock") -> None:
        self._path = path
        self._clock = clock
        self._queries = Queries(sqlite.NAME)
        self._local = _local()
        self._connections: list[sqlite3.Connection] = []
        self._gate = allocate_lock()
        self._open = True

    def read(self, fn: Callable[[Any], T]) -> T:
        """Run `fn` on a snapshot; nothing it does can write."""
        connection = None
        try:
            connection = self._connection()
            sqlite.begin_read(connection)
            return fn(Tx(Session(connection, self._queries), self._clock.now(), _no_ids))
        except sqlite3.Error as error:
            raise sqlite.translate(error, self._path) from error
        finally:
            if connection is not None:
                sqlite.rollback(connection)

    def close(self) -> None:
        """Close every thread's connection; later reads are refused."""
        with self._gate:
            self._open = False
            while self._connections:
                self._connections.pop().close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or not self._open:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        with self._gate:
            if not self._open:
                raise StoreUnavailable("the store is closed", where=self._path)
            if not os.path.exists(self._path):
                raise StoreUnavailable("the database file is gone", where=self._path, fix="put it back")
            connection = sqlite.connect_reader(self._path)
            self._connections.append(connection)
            return connection


def _no_ids() -> str:
    raise RuntimeError("a read makes no ids: use store.write")
