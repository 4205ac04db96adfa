"""The databases that operations are tried on: copies of a seeded one, and what they hold, read without the store."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests.contract.factories import ManualClock
from tests.faults.crash_points.faulty import Plan, injected
from turnout.store import Store, open_store
from turnout.store.store import DATABASE

Row = dict[str, Any]
Content = dict[str, list[Row]]
"""table -> rows (column -> value), in some fixed order."""
SHM = Path("/dev/shm")


class Database(Protocol):
    """A dialect. A *place* is a data folder or a URL: what `open_store` takes."""

    name: str
    kinds: tuple[str, ...]

    def seed(self, fill: Callable[[Store], None]) -> None:
        """Make the database that `fresh` copies."""
        ...

    def fresh(self) -> str: ...
    def drop(self, place: str) -> None: ...
    def renew(self, place: str) -> str:
        """A place as `fresh` makes it; the given one is gone or is it."""
        ...

    def content(self, place: str) -> Content: ...
    def damage(self, place: str) -> list[str]:
        """What the database itself finds wrong."""
        ...

    def counted(self, plan: Plan) -> AbstractContextManager[None]:
        """While it lasts, connections that are opened count their calls in `plan`."""
        ...


def opened(place: str, *, threaded: bool = False, seed: int = 1, later: float = 0.0) -> Store:
    """The store at `place`, with seeded ids and a clock that stands `later` seconds after the seeding."""
    clock = ManualClock()
    clock.advance(later)
    return open_store(place, threaded=threaded, clock=clock, randomness=random.Random(seed).randbytes)


_VOLATILE = frozenset(
    {
        "id",
        "run_id",
        "version",
        "seq",
        "at",
        "token_hash",
        "lease_key",
        "lease_until",
        "answer",
        "body",
        "detail",
        "header",
        "reason",
    }
)
_TRACES = frozenset({"flow_run_history", "outbox", "run_token", "sqlite_sequence", "schema_migration"})


def essence(content: Content) -> Content:
    """What two ways to the same end have in common: without ids, times and the trace of each step."""
    return {
        table: sorted(({name: value for name, value in row.items() if _lasting(table, name)} for row in rows), key=repr)
        for table, rows in content.items()
        if table not in _TRACES
    }


def _lasting(table: str, column: str) -> bool:
    return column not in _VOLATILE and not column.endswith("_at") and (table, column) != ("flow_run", "name")


def difference(one: Content, other: Content) -> str:
    """The tables in which two contents differ, with how many rows each has."""
    tables = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return ", ".join(f"{name} ({len(one.get(name, ()))} and {len(other.get(name, ()))} rows)" for name in tables)


class Sqlite:
    """Copies of a folder, in memory where there is a file system for that."""

    name = "sqlite"
    kinds = ("full", "io", "locked")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seeded = folder / "seeded"
        self._serial = 0

    def seed(self, fill: Callable[[Store], None]) -> None:
        with opened(str(self._seeded), seed=0) as store:
            fill(store)

    def fresh(self) -> str:
        self._serial += 1
        place = self._folder / str(self._serial)
        self.copy_to(place)
        return str(place)

    def copy_to(self, place: Path) -> None:
        """Make `place` a copy of the seeded folder."""
        shutil.copytree(self._seeded, place)

    def drop(self, place: str) -> None:
        shutil.rmtree(place, ignore_errors=True)

    def renew(self, place: str) -> str:
        self.drop(place)
        return self.fresh()

    def content(self, place: str) -> Content:
        with _looking(place) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            return {name: _rows(connection.execute(f'SELECT * FROM "{name}"')) for (name,) in tables}

    def damage(self, place: str) -> list[str]:
        with _looking(place) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        return [f"integrity: {row[0]}" for row in found if row[0] != "ok"] + [f"reference: {row}" for row in orphans]

    @contextmanager
    def counted(self, plan: Plan) -> Iterator[None]:
        from turnout.store.dialects import sqlite

        with injected(sqlite, "connect", plan):
            yield


class Postgres:
    """Copies of a template database."""

    name = "postgresql"
    kinds = ("full", "io", "locked", "lost")

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._seeded = ""
        self._serial = 0

    def seed(self, fill: Callable[[Store], None]) -> None:
        self._seeded = self._cluster.create()
        with opened(self._seeded, seed=0) as store:
            fill(store)
        self._run(self._seeded, _KEEP)

    def fresh(self) -> str:
        self._serial += 1
        name = f"point_{self._serial}"
        self._cluster.run(f"CREATE DATABASE {name} TEMPLATE {_database(self._seeded)} STRATEGY file_copy")
        return str(self._cluster.url(name))

    def drop(self, place: str) -> None:
        self._cluster.drop(place)

    def renew(self, place: str) -> str:
        self._run(place, _BRING_BACK)
        return place

    def content(self, place: str) -> Content:
        import psycopg

        with psycopg.connect(place, autocommit=True) as connection:
            # Behind whatever a killed process still holds.
            from turnout.store.dialects.postgresql import WRITE_LOCK

            connection.execute(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
            names = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
            ).fetchall()
            return {name: _rows(connection.execute(f'SELECT * FROM "{name}"'.encode())) for (name,) in names}

    def damage(self, place: str) -> list[str]:
        return []

    def _run(self, place: str, statements: str) -> None:
        import psycopg

        from turnout.store.dialects.postgresql import WRITE_LOCK

        with psycopg.connect(place) as connection:
            connection.execute(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
            connection.execute(statements.encode())

    @contextmanager
    def counted(self, plan: Plan) -> Iterator[None]:
        from turnout.store.dialects import postgresql

        with injected(postgresql, "connect", plan):
            yield


# A new database takes a tenth of a second or more, so the seeded rows are kept beside the tables and copied back.
_KEEP = """
CREATE SCHEMA kept;
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', it.name, it.name);
    END LOOP;
    CREATE TABLE kept.sequences_ AS
        SELECT sequencename AS name, coalesce(last_value, 0) AS value FROM pg_sequences WHERE schemaname = 'public';
END $$
"""
_BRING_BACK = """
SET LOCAL session_replication_role = replica;
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', it.name);
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%I', it.name, it.name);
    END LOOP;
    FOR it IN SELECT name, value FROM kept.sequences_ LOOP
        PERFORM setval(format('public.%I', it.name), greatest(it.value, 1), it.value > 0);
    END LOOP;
END $$
"""


@contextmanager
def sqlite_database() -> Iterator[Sqlite]:
    """SQLite in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="turnout-crash-", dir=SHM if SHM.is_dir() else None) as folder:
        yield Sqlite(Path(folder))


@contextmanager
def postgres_database() -> Iterator[Postgres]:
    """PostgreSQL in a cluster of its own."""
    from tests.postgres import start_cluster

    with start_cluster() as cluster:
        yield Postgres(cluster)


@contextmanager
def _looking(place: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(Path(place) / DATABASE)
    try:
        yield connection
    finally:
        connection.close()


def _rows(cursor: Any) -> list[Row]:
    names = [column[0] for column in cursor.description]
    return sorted((dict(zip(names, row, strict=True)) for row in cursor.fetchall()), key=repr)


def _database(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
