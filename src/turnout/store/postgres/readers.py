"""Reading from PostgreSQL: a pool of connections, each read one snapshot."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from turnout.core.errors import StoreUnavailable
from turnout.store.dialects import postgresql
from turnout.store.postgres import wire
from turnout.store.postgres.clock import DatabaseClock
from turnout.store.postgres.link import Link
from turnout.store.postgres.watch import Watch
from turnout.store.queries import Queries
from turnout.store.session import Session
from turnout.store.transaction import Tx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock

T = TypeVar("T")
CONNECTIONS = 12
"""How many reads one server runs at a time; the next waits."""
WAIT_SECONDS = 10.0


class PoolReaders:
    """The reading connections of a store, handed out by turns; the last used goes first."""

    def __init__(self, url: str, clock: "Clock", watch: Watch) -> None:
        self._url = url
        self._where = postgresql.shown(url)
        self._clock = clock
        self._watch = watch
        self._queries = Queries(postgresql.NAME)
        self._begin = postgresql.begin_read()
        self._idle: list[psycopg.Connection[Any]] = []
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        self._gate = threading.Lock()
        self._open = True

    def read(self, fn: Callable[[Any], T]) -> T:
        """Run `fn` on a snapshot; nothing it does can write. Once more if the connection turns out to be lost."""
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise StoreUnavailable("every reading connection is busy", where=self._where, fix="try again")
        try:
            return self._read(fn)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close every idle connection; one that is in use is closed after its read."""
        with self._gate:
            self._open = False
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _read(self, fn: Callable[[Any], T]) -> T:
        connection, used_before = self._take()
        try:
            return self._on(connection, fn)
        except psycopg.Error as error:
            if used_before and postgresql.is_lost(connection):
                self._forget_idle()
                return self._read(fn)
            raise postgresql.translate(error, self._where) from error
        finally:
            self._give_back(connection)

    def _on(self, connection: psycopg.Connection[Any], fn: Callable[[Any], T]) -> T:
        self._watch.enter(connection, connection)
        micros = wire.row_of_last(connection, self._begin)[0]
        now = self._clock.told(micros) if isinstance(self._clock, DatabaseClock) else self._clock.now()
        link = Link(connection, lambda: self._watch.leave(connection))
        found = fn(Tx(Session(link, self._queries), now, _no_ids))
        link.flush()  # what only writes waits, and is refused here
        return found

    def _take(self) -> tuple[psycopg.Connection[Any], bool]:
        with self._gate:
            if not self._open:
                raise StoreUnavailable("the store is closed", where=self._where)
            if self._idle:
                return self._idle.pop(), True
        return postgresql.connect(self._url), False

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        try:
            if not postgresql.is_lost(connection):
                connection.execute(b"ROLLBACK")
        except psycopg.Error:
            connection.close()
        self._watch.leave(connection)
        with self._gate:
            if self._open and not postgresql.is_lost(connection):
                self._idle.append(connection)
                return
        connection.close()

    def _forget_idle(self) -> None:
        """What took one connection away took the others, too."""
        with self._gate:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _no_ids() -> str:
    raise RuntimeError("a read makes no ids: use store.write")
