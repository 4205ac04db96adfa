"""A database of a former schema that is migrated and killed at a statement, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from tests.faults.migration_kills.seeding import FIRST, SUMS
from turnout.core.errors import TurnoutError
from turnout.store.dialects import sqlite
from turnout.store.migrate import FOLDER, migrate, migrations

Dump = list[Any]


class Target(Protocol):
    """A dialect."""

    name: str

    def prepare(self, version: int, rows: int) -> None:
        """Make the database to begin from, of schema `version`; rows if it has tables."""
        ...

    def renew(self) -> None:
        """Begin from it again."""
        ...

    def statements(self, latest: int) -> int:
        """At how many statements a migration to `latest` can be killed."""
        ...

    def migrate_killed(self, latest: int, at: int) -> bool:
        """Migrate and die at statement `at`; whether it died."""
        ...

    def migrate(self, latest: int) -> None: ...
    def schema(self) -> Dump: ...
    def sums(self) -> Dump: ...


class OnSqlite:
    """A file; a process is killed when SQLite begins a statement."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder / "turnout.db")
        self._former = str(folder / "former.db")

    def prepare(self, version: int, rows: int) -> None:
        for file in self._folder.iterdir():
            file.unlink()
        connection = sqlite.connect(self._former)
        if version:
            migrate(connection, self._former, latest=version)
            for statement in FIRST:
                connection.execute(statement.format(rows=rows))
        connection.close()
        self.renew()

    def renew(self) -> None:
        for file in self._folder.glob("turnout.db*"):
            file.unlink()
        shutil.copyfile(self._former, self._path)

    def statements(self, latest: int) -> int:
        seen: list[str] = []
        with self._connected() as connection:
            connection.set_trace_callback(seen.append)
            migrate(connection, self._path, latest=latest)
        self.renew()
        return len(seen)

    def migrate_killed(self, latest: int, at: int) -> bool:
        child = os.fork()
        if child == 0:
            try:
                self._die(latest, at)
            finally:
                os._exit(3)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)

    def migrate(self, latest: int) -> None:
        with self._connected() as connection:
            migrate(connection, self._path, latest=latest)

    def schema(self) -> Dump:
        with self._connected() as connection:
            found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
            return [*found, *connection.execute("PRAGMA user_version").fetchall()]

    def sums(self) -> Dump:
        with self._connected() as connection:
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                return []
            sound = connection.execute("PRAGMA quick_check").fetchall()
            return [*sound, *(connection.execute(statement).fetchall() for statement in SUMS)]

    def _die(self, latest: int, at: int) -> None:
        left = at

        def begins(statement: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

        connection = sqlite.connect(self._path)
        connection.set_trace_callback(begins)
        migrate(connection, self._path, latest=latest)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite.connect(self._path)
        try:
            yield connection
        finally:
            connection.close()


class OnPostgres:
    """A database; the backend ends itself after a statement, as if it were killed there."""

    name = "postgresql"

    def __init__(self, cluster: Any, folder: Path) -> None:
        self._cluster = cluster
        self._folder = folder
        self._former = self._url = ""

    def prepare(self, version: int, rows: int) -> None:
        from turnout.store.postgres.migrate import migrate as migrate_postgres

        for url in (self._url, self._former):
            if url:
                self._cluster.drop(url)
        self._former = self._cluster.create(migrated=False)
        with self._connected(self._former) as connection:
            if version:
                migrate_postgres(connection, "former", latest=version)
                for statement in FIRST:
                    connection.execute(statement.format(rows=rows).encode())
        self._url = ""
        self.renew()

    def renew(self) -> None:
        if self._url:
            self._cluster.drop(self._url)
        name = "migrated"
        former = self._former.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        self._cluster.run(f"CREATE DATABASE {name} TEMPLATE {former} STRATEGY file_copy")
        self._url = self._cluster.url(name)

    def statements(self, latest: int) -> int:
        [file] = [file for number, file in migrations(dialect="postgresql") if number == latest]
        return len(split((Path(FOLDER) / file).read_text()))

    def migrate_killed(self, latest: int, at: int) -> bool:
        from turnout.store.postgres.migrate import migrate as migrate_postgres

        for number, file in migrations(dialect="postgresql"):
            text = (Path(FOLDER) / file).read_text()
            if number == latest:
                text = "".join([*split(text)[:at], "\nSELECT pg_terminate_backend(pg_backend_pid());"])
            (self._folder / file).write_text(text)
        try:
            with self._connected() as connection:
                migrate_postgres(connection, "migrated", folder=str(self._folder), latest=latest)
        except Exception as error:
            return not isinstance(error, TurnoutError)
        return False

    def migrate(self, latest: int) -> None:
        from turnout.store.postgres.migrate import migrate as migrate_postgres

        with self._connected() as connection:
            migrate_postgres(connection, "migrated", latest=latest)

    def schema(self) -> Dump:
        with self._connected() as connection:
            return [connection.execute(statement).fetchall() for statement in _SCHEMA]

    def sums(self) -> Dump:
        with self._connected() as connection:
            (there,) = connection.execute(b"SELECT to_regclass('flow_run') IS NOT NULL").fetchone()
            return [connection.execute(statement.encode()).fetchall() for statement in SUMS] if there else []

    @contextlib.contextmanager
    def _connected(self, url: str = "") -> Iterator[Any]:
        from turnout.store.dialects import postgresql

        connection = postgresql.connect(url or self._url)
        try:
            yield connection
        finally:
            connection.close()


_SCHEMA = (
    b"""SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position""",
    b"SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    b"""SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    b"SELECT sequencename FROM pg_sequences ORDER BY 1",
)


def split(text: str) -> list[str]:
    """The statements of a script, with their semicolons; for scripts without semicolons in quotes or bodies."""
    bare = re.sub(r"--[^\n]*", "", text)
    return [f"{statement};" for statement in bare.split(";") if statement.strip()]
