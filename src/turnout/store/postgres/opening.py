"""Opening a store in a PostgreSQL database."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from turnout.core.errors import NotFound, StoreError
from turnout.store.dialects import postgresql
from turnout.store.migrate import LATEST, check_not_newer
from turnout.store.postgres.commits import Commits
from turnout.store.postgres.migrate import migrate, schema_version
from turnout.store.postgres.readers import PoolReaders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock, Hints

T = TypeVar("T")
shown = postgresql.shown


def open_writing(
    url: str, clock: "Clock | None", hints: "Hints | None", randomness: Callable[[int], bytes]
) -> tuple[PoolReaders, Commits]:
    """What a store of the database writes and reads with; makes and migrates its tables as needed."""
    _with_connection(url, lambda connection: migrate(connection, postgresql.shown(url)))
    return PoolReaders(url, clock), Commits(url, clock, randomness, hints)


def open_reading(url: str, clock: "Clock | None") -> PoolReaders:
    """What a store of the database reads with. Raises NotFound if nothing is there, SchemaTooNew."""
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
    return PoolReaders(url, clock)


def _with_connection(url: str, use: Callable[[psycopg.Connection[Any]], T]) -> T:
    connection = postgresql.connect(url)
    try:
        return use(connection)
    except psycopg.Error as error:
        raise postgresql.translate(error, postgresql.shown(url)) from error
    finally:
        connection.close()
