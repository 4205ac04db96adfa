"""Schema versions: forward-only, numbered files `sql/migrations/NNNN_what.<dialect>.sql`, each in one transaction."""

import os
import sqlite3

from turnout.core.errors import SchemaTooNew, StoreError, StoreUnavailable

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql", "migrations")
LATEST = 2
"""The version this code works with. A constant, so that opening a store lists no folder; a test counts the files."""


def migrate(connection: sqlite3.Connection, path: str, *, folder: str = FOLDER, latest: int = LATEST) -> None:
    """Bring the database at `path` to `latest`; an older one that holds data is backed up beside itself first.

    Raises SchemaTooNew, having touched nothing, if a newer Turnout wrote it.
    """
    version = schema_version(connection)
    if version == latest:
        return
    check_not_newer(version, path, latest)
    if version == 0:
        _refuse_foreign(connection, path)
    else:
        _back_up(connection, f"{path}.v{version}.backup")
    for number, file in migrations(folder):
        if version < number <= latest:
            _run(connection, number, os.path.join(folder, file))


def schema_version(connection: sqlite3.Connection) -> int:
    """The number of the last migration; 0 for an empty database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_not_newer(version: int, path: str, latest: int = LATEST) -> None:
    """Raise SchemaTooNew if this code is older than the database."""
    if version > latest:
        raise SchemaTooNew(
            f"the database has schema {version}; this Turnout knows schemas up to {latest}",
            where=path,
            fix="install the Turnout that wrote it, or a newer one",
        )


def migrations(folder: str = FOLDER, dialect: str = "sqlite") -> list[tuple[int, str]]:
    """(number, file) of every migration, ascending."""
    files = [file for file in os.listdir(folder) if file.endswith(f".{dialect}.sql")]
    return sorted((int(file[:4]), file) for file in files)


def _run(connection: sqlite3.Connection, number: int, file: str) -> None:
    with open(file, encoding="utf-8") as opened:
        statements = opened.read()
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {statements}\nPRAGMA user_version = {number}; COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise StoreError(
            f"migration {number} failed and was undone: {error}",
            where=file,
            fix="the database is as it was: go on with the older Turnout, and report this",
        ) from error


def _refuse_foreign(connection: sqlite3.Connection, path: str) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise StoreUnavailable(
            "the file is another program's database", where=path, fix="move it away, or name another data folder"
        )


def _back_up(connection: sqlite3.Connection, target: str) -> None:
    partial = f"{target}.partial"
    descriptor = os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    copy = sqlite3.connect(partial)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    os.fsync(descriptor)
    os.close(descriptor)
    os.replace(partial, target)
