"""No transaction lasts for ever: a connection whose database stopped answering is cut off.

PostgreSQL's own timeouts end what PostgreSQL still works on; nothing but this ends waiting for a database that is
stopped, or behind a network that swallows everything.
"""

import contextlib
import os
import socket
import threading
from typing import Any

import psycopg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock


class Watch:
    """Knows which connections are inside transactions since when, and severs those that take too long."""

    SECONDS = 30.0
    """The longest that a transaction may take, from its BEGIN to the answer to its COMMIT."""

    def __init__(self, clock: "Clock") -> None:
        self._monotonic = clock.monotonic
        self._inside: dict[object, tuple[float, psycopg.Connection[Any]]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._at_rest = False
        self._closed = False

    def enter(self, key: object, connection: psycopg.Connection[Any]) -> None:
        """A transaction of `key` begins."""
        with self._changed:
            self._inside[key] = (self._monotonic() + self.SECONDS, connection)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="turnout-watch", daemon=True)
                self._thread.start()
            elif self._at_rest:
                self._changed.notify_all()

    def leave(self, key: object) -> None:
        """It is over."""
        with self._changed:
            self._inside.pop(key, None)

    def close(self) -> None:
        """Watch no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _loop(self) -> None:
        with self._changed:
            while not self._closed:
                # Sleeps through what is quick, and rests while nothing is under way: entering wakes it from that alone.
                self._at_rest = not self._inside
                self._changed.wait(self._seconds_left())
                self._at_rest = False
                self._sever_late()

    def _seconds_left(self) -> float | None:
        """How long until the first transaction has taken too long; None while there is none."""
        ends = [end for end, _ in self._inside.values()]
        return max(0.0, min(ends) - self._monotonic()) if ends else None

    def _sever_late(self) -> None:
        now = self._monotonic()
        for key, (end, connection) in list(self._inside.items()):
            if now >= end:
                sever(connection)
                del self._inside[key]


def sever(connection: psycopg.Connection[Any]) -> None:
    """Make whoever waits for the database on this connection find it lost. From any thread."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
