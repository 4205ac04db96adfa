"""Opening a store, and the functions that run transactions in it."""

import os
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from turnout.core.errors import ConfigurationError, NotFound, StoreError, StoreLocked
from turnout.store.clock import IdMaker, SystemClock
from turnout.store.commits import Commits
from turnout.store.dialects import sqlite
from turnout.store.inline import InlineWriter
from turnout.store.lock import StoreLock, unwritable
from turnout.store.migrate import LATEST, check_not_newer, migrate, schema_version
from turnout.store.readers import Readers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future

    from turnout.core.ports import Clock, Hints
    from turnout.store.commits import Committing
    from turnout.store.postgres.beacon import Beacon
    from turnout.store.postgres.readers import PoolReaders
    from turnout.store.writer import WriterThread

T = TypeVar("T")
DATABASE = "turnout.db"
LOCK = "turnout.lock"


class Store:
    """Implements `core.ports.Store`. Safe for threads; use as a context manager or `close` it.

    `path` says to people where the database is: a file, or a URL without its secrets. `clock` is the database's, as
    far as this process knows it. `remote` tells whether a read may have to wait for a network.
    """

    def __init__(
        self,
        path: str,
        clock: "Clock",
        readers: "Readers | PoolReaders",
        writer: "InlineWriter | WriterThread | None" = None,
        lock: StoreLock | None = None,
        *,
        remote: bool = False,
    ) -> None:
        self.path = path
        self.clock = clock
        self.remote = remote
        self._readers = readers
        self._writer = writer
        self._lock = lock

    def write(self, fn: Callable[[Any], T]) -> T:
        """Run `fn(tx)` in a write transaction; return after COMMIT. What `fn` raises is raised, its writes undone."""
        return self._writing().write(fn)

    def submit(self, fn: Callable[[Any], T]) -> "Future[T]":
        """`write` without waiting: the future resolves after COMMIT."""
        return self._writing().submit(fn)

    def read(self, fn: Callable[[Any], T]) -> T:
        """Run `fn(tx)` on a read-only snapshot."""
        return self._readers.read(fn)

    def close(self) -> None:
        """Finish what was submitted, close every connection, let go of the lock. Twice is once."""
        self._readers.close()
        if self._writer is not None:
            self._writer.stop()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _writing(self) -> "InlineWriter | WriterThread":
        if self._writer is None:
            raise StoreLocked("this store was opened for reading", where=self.path, fix="open it with open_store")
        return self._writer


def open_store(
    target: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    clock: "Clock | None" = None,
    hints: "Hints | None" = None,
    threaded: bool = True,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Store:
    """Open a store for writing, making and migrating it as needed.

    `target` is a data folder, whose database is SQLite's (or that file in it), or a `postgresql://` URL, which any
    number of processes may open at once; `folder` is then the data folder that this one keeps for itself. `threaded`
    gives the store a writer thread with group commit, for servers; without, writes run on the caller's thread. Raises
    StoreLocked while another process has the folder, SchemaTooNew if a newer Turnout wrote the database,
    StoreUnavailable if it cannot be reached.
    """
    if is_url(target):
        return _open_remote(str(target), folder, clock, hints, threaded, randomness)
    database = _database(target)
    lock = _hold(os.path.dirname(database))
    try:
        connection = _connect(database)
        timer = clock or SystemClock()
        commits = Commits(connection, database, timer, IdMaker(timer, randomness), hints)
        return Store(database, timer, Readers(database, timer), _writer(commits, threaded), lock)
    except BaseException:
        lock.release()
        raise


def open_reader(target: str | os.PathLike[str], *, clock: "Clock | None" = None) -> Store:
    """Open the store in `target` for reading, also while another process writes it.

    Raises NotFound if there is none, SchemaTooNew if this Turnout cannot read it.
    """
    if is_url(target):
        opening = _postgres()
        where, timer, readers = opening.open_reading(str(target), clock)
        return Store(where, timer, readers, remote=True)
    database = _database(target)
    if not os.path.exists(database):
        raise NotFound("nothing was recorded here yet", where=database, fix="run a flow, or start a server here")
    _check_readable(database)
    timer = clock or SystemClock()
    return Store(database, timer, Readers(database, timer))


def open_beacon(url: str, deliver: Callable[[str], None]) -> "Beacon":
    """Hints between the processes that have the database at `url` open: `deliver` gets theirs, in another thread."""
    beacon: Beacon = _postgres().open_beacon(url, deliver)
    return beacon


def is_url(target: object) -> bool:
    """Whether a store's target is a PostgreSQL database rather than a folder."""
    return isinstance(target, str) and target.startswith(("postgresql://", "postgres://"))


def _hold(folder: str) -> StoreLock:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        return StoreLock(os.path.join(folder, LOCK))
    except OSError as error:
        raise unwritable(folder, error) from error


def _open_remote(
    url: str,
    folder: str | os.PathLike[str] | None,
    clock: "Clock | None",
    hints: "Hints | None",
    threaded: bool,
    randomness: Callable[[int], bytes],
) -> Store:
    opening = _postgres()
    lock = None if folder is None else _hold(os.fspath(folder))
    try:
        where, timer, readers, commits = opening.open_writing(url, clock, hints, randomness)
        return Store(where, timer, readers, _writer(commits, threaded), lock, remote=True)
    except BaseException:
        if lock is not None:
            lock.release()
        raise


def _postgres() -> Any:
    """The module that opens PostgreSQL: only who uses it needs its driver."""
    try:
        return __import__("turnout.store.postgres.opening", fromlist=["opening"])
    except ImportError as error:
        raise ConfigurationError(
            f"PostgreSQL needs a driver that is not installed: {error}",
            where="database_url (TURNOUT_DATABASE)",
            fix="pip install 'turnout[postgres]'",
        ) from error


def _database(path: str | os.PathLike[str]) -> str:
    text = os.path.abspath(os.fspath(path))
    return text if text.endswith(".db") else os.path.join(text, DATABASE)


def _check_readable(database: str) -> None:
    connection = None
    try:
        connection = sqlite.connect_reader(database)
        version = schema_version(connection)
    except sqlite3.Error as error:
        raise sqlite.translate(error, database) from error
    finally:
        if connection is not None:
            connection.close()
    check_not_newer(version, database)
    if version < LATEST:
        raise StoreError(
            f"the database has schema {version}, which needs to become {LATEST} first",
            where=database,
            fix="stop the older server, then start `turnout server`, which migrates it",
        )


def _connect(database: str) -> sqlite3.Connection:
    connection = None
    try:
        connection = sqlite.connect(database)
        migrate(connection, database)
        return connection
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise sqlite.translate(error, database) from error
        raise


def _writer(commits: "Committing", threaded: bool) -> "InlineWriter | WriterThread":
    if not threaded:
        return InlineWriter(commits)
    # Loaded on use: scripts write inline, and concurrent.futures brings logging with it (15 ms).
    from turnout.store.writer import WriterThread

    return WriterThread(commits)
