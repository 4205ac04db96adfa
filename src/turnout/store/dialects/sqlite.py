"""SQLite: WAL, every commit synced, one writer, readers on connections of their own."""

import os
import sqlite3

from turnout.core.errors import StoreError, StoreLocked, StoreUnavailable

NAME = "sqlite"
VERSION = sqlite3.sqlite_version_info
"""Of the library."""
BUSY_SECONDS = 5.0
"""How long a statement waits for a foreign program (a shell, a backup) that holds the file."""
_STATEMENTS = 256
_PRAGMAS = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0;"


def connect(path: str) -> sqlite3.Connection:
    """The writer's connection; makes the file, 0600, if there is none. Transactions are begun by hand."""
    if not os.path.exists(path):
        _create(path)
    return _open(path, f"{_PRAGMAS} PRAGMA journal_mode = WAL;")


def connect_reader(path: str) -> sqlite3.Connection:
    """A connection that cannot write."""
    return _open(path, f"{_PRAGMAS} PRAGMA query_only = ON;")


def begin_write(connection: sqlite3.Connection) -> None:
    """Start a transaction that holds the right to write from its first statement."""
    connection.execute("BEGIN IMMEDIATE")


def begin_read(connection: sqlite3.Connection) -> None:
    """Start a snapshot, fixed at the first statement that reads."""
    connection.execute("BEGIN")


def commit(connection: sqlite3.Connection) -> None:
    """Make the transaction durable: on disk when this returns."""
    connection.execute("COMMIT")


def rollback(connection: sqlite3.Connection) -> None:
    """Undo the transaction, unless the database already did."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def translate(error: sqlite3.Error, path: str) -> StoreError:
    """What a driver's error means to people."""
    extended = getattr(error, "sqlite_errorcode", 0)
    # The log's index cannot be made when there is no room, which SQLite calls an I/O error.
    code = sqlite3.SQLITE_FULL if extended == sqlite3.SQLITE_IOERR_SHMSIZE else extended & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(
            f"another program holds the database: {error}", where=path, fix="close it (a database shell, a backup)"
        )
    if code in _UNAVAILABLE:
        what, fix = _UNAVAILABLE[code]
        return StoreUnavailable(f"{what}: {error}", where=path, fix=fix)
    return StoreError(f"the database refused a statement: {error}", where=path, fix="this is a bug: report it")


_UNAVAILABLE = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room; nothing that was acknowledged is lost"),
    sqlite3.SQLITE_READONLY: ("the database is read-only", "give the user that runs Turnout the right to write it"),
    sqlite3.SQLITE_CANTOPEN: ("the database cannot be opened", "check that the folder exists and can be written"),
    sqlite3.SQLITE_IOERR: ("the disk fails", "check the disk and the system's log"),
    sqlite3.SQLITE_NOTADB: ("the file is no Turnout database", "move it away, or name another data folder"),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", "restore a backup; keep the damaged file"),
}


def _create(path: str) -> None:
    """An empty file for its owner only, whose name survives a power loss."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _open(path: str, pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    try:
        connection.executescript(pragmas)
    except BaseException:
        connection.close()
        raise
    return connection
