"""Copying a database while a server works on it, and putting the copy in its place: SQLite.

The copy is one snapshot, taken in one step through a connection that only reads: a server's commits neither wait for it
nor end up in it. It holds hashes of tokens, and no value of a secret.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from turnout import _version
from turnout.core.errors import NotFound, StoreError
from turnout.store.archive import CHUNK, Manifest, extract, sync_folder, write_archive
from turnout.store.dialects import sqlite
from turnout.store.lock import StoreLock
from turnout.store.migrate import schema_version
from turnout.store.store import DATABASE, LOCK

PART = DATABASE
RESTORING = "restoring"
"""The folder inside the data folder in which a restored database is made ready."""


def back_up(folder: Path, target: Path, now: datetime) -> Manifest:
    """Write a backup of the database in a data folder to `target`. Raises NotFound, StoreError."""
    database = folder / DATABASE
    if not database.exists():
        raise NotFound("there is no database to back up", where=str(database), fix="name another folder: TURNOUT_DATA")
    copy = target.with_name(f"{target.name}.copy")
    try:
        schema = _copy(database, copy)
        facts = Manifest(turnout=_version.__version__, database=sqlite.NAME, schema=schema, taken_at=now.isoformat())
        return write_archive(target, facts, [(PART, _chunks(copy))])
    except sqlite3.Error as error:
        raise sqlite.translate(error, str(database)) from error
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        copy.unlink(missing_ok=True)


def unpack(source: Path, manifest: Manifest, folder: Path) -> Path:
    """The database of a backup, checked, in a folder of its own inside the data folder: nothing is replaced yet.

    Raises StoreError for a backup that is not what it says.
    """
    place = folder / RESTORING
    _remove(place)
    place.mkdir(mode=0o700, parents=True)
    database = place / DATABASE
    with open(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        extract(source, manifest, PART, file)
        file.flush()
        os.fsync(file.fileno())
    _check(database, manifest, source)
    return database


@contextlib.contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """Hold the data folder: nobody else may open its database. Raises StoreLocked while somebody has."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = StoreLock(str(folder / LOCK))
    try:
        yield
    finally:
        lock.release()


def put_in_place(database: Path, folder: Path, now: datetime) -> Path | None:
    """Let a database that is ready take the place of the folder's own; where that one is now, None if there was none.

    Killed at any point, the folder has the old database (perhaps aside), or the new one whole.
    """
    current, aside = folder / DATABASE, None
    if current.exists():
        aside = folder / f"before-restore-{now:%Y%m%d-%H%M%S}"
        aside.mkdir(mode=0o700)
        _fold(current)
        # The log, which is empty now, first: it must never meet the new database.
        for suffix in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{current}{suffix}", aside / f"{DATABASE}{suffix}")
        sync_folder(aside)
    os.replace(database, current)
    sync_folder(folder)
    _remove(database.parent)
    return aside


def _copy(database: Path, copy: Path) -> int:
    """The schema's version of the copy."""
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
    source = sqlite.connect_reader(str(database))
    try:
        with contextlib.closing(sqlite3.connect(copy)) as target:
            # All at once: in portions it would begin again with every commit of the server.
            source.backup(target, pages=-1)
            return schema_version(target)
    finally:
        source.close()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _check(database: Path, manifest: Manifest, source: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            version = schema_version(connection)
    except sqlite3.Error as error:
        found, version = str(error), manifest.schema
    if found != "ok" or version != manifest.schema:
        raise StoreError(
            f"the backup cannot be restored: its database is damaged: {found}",
            where=str(source),
            fix="fetch the file again, or take an older backup",
        )


def _fold(database: Path) -> None:
    """Fold the log into the database, so that it is whole in one file; a damaged one stays as it is."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove(place: Path) -> None:
    if place.is_dir():
        for path in place.iterdir():
            path.unlink()
        place.rmdir()


def _unwritten(target: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the backup cannot be written: {error.strerror or error}",
        where=str(target),
        fix="name a file in a folder that can be written and has room for the database twice",
    )
