"""Databases by their names in the manifest, for SQL files and for `connection("warehouse")` in Python flows.

DuckDB lets one process write a file. So each process takes turns: the first `connection` of a process waits for the
file's lock, all further ones share its database, and the last to end lets the next process in.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, NotFound, SqlError
from turnout.engine.context.scopes import current
from turnout.engine.logs.run_logger import get_run_logger
from turnout.settings import PROJECT_FILE, find_project, load
from turnout.sql.declared import declared_connections
from turnout.sql.driver import duckdb
from turnout.sql.file_lock import FileLock
from turnout.sql.statements import first_sentence

MEMORY = ":memory:"


@contextmanager
def connection(name: str) -> Iterator[Any]:
    """The DuckDB connection `name` of the manifest, open for the `with` block.

    Waits, with a line in the run's log, while another process has the database open. Connections of one process share
    the database: each has its own transaction. Raises NotFound for a name that the manifest does not have.
    """
    options, data_dir = _find(name)
    database = str(options["database"])
    if database == MEMORY:
        with duckdb().connect(MEMORY) as opened:
            yield opened
        return
    path = (data_dir / database).resolve()
    shared = _acquire(path, name)
    try:
        with shared.connection.cursor() as opened:
            yield opened
    finally:
        _release(path)


def data_folder() -> Path:
    """The project's data folder: what relative paths of databases and exports start from."""
    scope = current.get()
    return Path(scope.root.data_dir) if scope and scope.root.data_dir else load(_code_folder()).data_dir


@dataclass(kw_only=True)
class _Shared:
    """A database file that this process has open. `ready` is set once `connection` is there, or `error`."""

    pid: int
    users: int = 0
    connection: Any = None
    error: BaseException | None = None
    lock: FileLock | None = None
    ready: threading.Event = field(default_factory=threading.Event)


_guard = threading.Lock()
_open: dict[Path, _Shared] = {}


def _acquire(path: Path, name: str) -> _Shared:
    with _guard:
        shared = _open.get(path)
        # A forked child inherits the table, but neither the lock's turn nor a usable database.
        first = shared is None or shared.pid != os.getpid()
        if shared is None or first:
            shared = _open[path] = _Shared(pid=os.getpid())
        shared.users += 1
    if first:
        _open_database(path, name, shared)
    else:
        shared.ready.wait()
    if shared.error is not None:
        _release(path)
        raise shared.error
    return shared


def _open_database(path: Path, name: str, shared: _Shared) -> None:
    """Take the file's turn and open it; whatever goes wrong is everybody's error who waits for it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shared.lock = FileLock(path.with_name(f"{path.name}.lock"))
        shared.lock.acquire(lambda holder: _say_waiting(name, holder))
        shared.connection = _connect(path)
    except BaseException as error:
        shared.error = error
    finally:
        shared.ready.set()


def _connect(path: Path) -> Any:
    driver = duckdb()
    try:
        return driver.connect(str(path))
    except driver.Error as error:
        locked = "lock" in str(error).lower()
        raise SqlError(
            first_sentence(str(error)),
            where=str(path),
            fix="close the other program that has the file open (a notebook, the DuckDB shell)" if locked else None,
        ) from None


def _release(path: Path) -> None:
    with _guard:
        shared = _open.get(path)
        if shared is None or shared.pid != os.getpid():
            return
        shared.users -= 1
        if shared.users:
            return
        del _open[path]
        if shared.connection is not None:
            shared.connection.close()
        if shared.lock is not None:
            shared.lock.release()


def _find(name: str) -> tuple[Mapping[str, Any], Path]:
    """The connection's options and the folder that its path is relative to."""
    scope = current.get()
    given = scope.root.connections if scope else None
    if given is not None:
        return _pick(name, given, "the release"), data_folder()
    start = _code_folder()
    project = find_project(start)
    if project is None:
        raise ConfigurationError(
            f"no turnout.yaml declares the connection '{name}'",
            where=str(start),
            fix="`turnout init` makes one; add connections: {" + name + ": {type: duckdb, database: warehouse.duckdb}}",
        )
    return _pick(name, declared_connections(project), str(project / PROJECT_FILE)), data_folder()


def _pick(name: str, connections: Mapping[str, Mapping[str, Any]], where: str) -> Mapping[str, Any]:
    found = connections.get(name)
    if found is None:
        close = get_close_matches(name, connections, n=1)
        listed = ", ".join(connections) or "none"
        fix = f"did you mean '{close[0]}'?" if close else f"the connections are: {listed}"
        raise NotFound(f"there is no connection '{name}'", where=where, fix=fix)
    kind = found.get("type", "duckdb")
    if kind != "duckdb":
        raise ConfigurationError(f"connections of type '{kind}' are not supported by this version", where=where)
    return found


def _code_folder() -> Path:
    """Where the running flow's file is; outside of runs, the script's folder, else the current one."""
    scope = current.get()
    while scope is not None:
        file = getattr(scope.definition, "file", None) or scope.definition.fn.__code__.co_filename
        if Path(file).is_file() and scope.parent is None:
            return Path(file).resolve().parent
        scope = scope.parent
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(script).resolve().parent if script and find_project(Path(script).resolve().parent) else Path.cwd()


def _say_waiting(name: str, holder: str) -> None:
    get_run_logger().info("waiting for the connection '%s': %s has it open", name, holder or "another process")
