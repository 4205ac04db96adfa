"""Opening a store in a PostgreSQL database."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from turnout.core.errors import NotFound, StoreError
from turnout.store.clock import SystemClock
from turnout.store.dialects import postgresql
from turnout.store.migrate import LATEST, check_not_newer
from turnout.store.postgres.beacon import Beacon
from turnout.store.postgres.clock import DatabaseClock
from turnout.store.postgres.commits import Commits
from turnout.store.postgres.migrate import migrate, schema_version
from turnout.store.postgres.readers import PoolReaders
from turnout.store.postgres.watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock, Hints

T = TypeVar("T")


def open_writing(
    url: str, clock: "Clock | None", hints: "Hints | None", randomness: Callable[[int], bytes]
) -> "tuple[str, Clock, PoolReaders, Commits]":
    """(where, clock, what reads, what writes); makes and migrates the tables as needed. Without a `clock`, the
    database's."""
    where = postgresql.shown(url)
    _with_connection(url, lambda connection: migrate(connection, where))
    timer, watch = clock or DatabaseClock(SystemClock()), Watch(SystemClock())
    return where, timer, PoolReaders(url, timer, watch), Commits(url, timer, randomness, hints, watch)


def open_reading(url: str, clock: "Clock | None") -> "tuple[str, Clock, PoolReaders]":
    """(where, clock, what reads). Raises NotFound if nothing is there, SchemaTooNew."""
    where = postgresql.shown(url)
    version = _with_connection(url, schema_version)
    if version == 0:
        raise NotFound("nothing was recorded here yet", where=where, fix="start a server on this database")
    check_not_newer(version, where)
    if version < LATEST:
        raise StoreError(
            f"the database has schema {version}, which needs to become {LATEST} first",
            where=where,
            fix="stop the older servers, then start `turnout server`, which migrates it",
        )
    timer = clock or DatabaseClock(SystemClock())
    return where, timer, PoolReaders(url, timer, Watch(SystemClock()))


def open_beacon(url: str, deliver: Callable[[str], None]) -> Beacon:
    """Hints to and from the other processes that have the database open."""
    return Beacon(url, deliver)


def _with_connection(url: str, use: Callable[[psycopg.Connection[Any]], T]) -> T:
    connection = postgresql.connect(url)
    try:
        return use(connection)
    except psycopg.Error as error:
        raise postgresql.translate(error, postgresql.shown(url)) from error
    finally:
        connection.close()
