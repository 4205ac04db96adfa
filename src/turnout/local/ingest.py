"""A script's own way into the store: called at its end, by name, from `engine/connect.py`.

Invariant: light. Nothing is imported here that recording one run does not need.
"""

import gc
import json
import os
import sys

from turnout.core.errors import StoreLocked, TurnoutError
from turnout.services.spools import Spools, open_script
from turnout.store import Store, open_store
from turnout.store.clock import SystemClock
from turnout.store.store import LOCK

LOCKED_SECONDS = 2.0
LOOK_SECONDS = 0.02


def ingest_spool(data_dir: str) -> None:
    """Store every journal of the data folder whose script is over, unless a server holds the store: then it does.

    Never raises for what the script cannot help: the journal stays where it is, and one line on stderr says so.
    """
    try:
        store = _open_soon(data_dir)
    except StoreLocked:
        return
    except (TurnoutError, OSError) as error:
        _say(data_dir, error)
        return
    # A journal makes many small objects, none of them garbage before the end: looking for some costs a quarter more.
    collecting = gc.isenabled()
    gc.disable()
    try:
        Spools(data_dir, running=False).drain(store)
    except (TurnoutError, OSError) as error:
        _say(data_dir, error)
    finally:
        store.close()
        if collecting:
            gc.enable()


class LiveSpool:
    """Stores a script's journal while it grows, for steps that are acknowledged by the store. It holds the store."""

    def __init__(self, data_dir: str, path: str) -> None:
        """path: of the spool. Raises StoreLocked while somebody else has the data folder, StoreError."""
        try:
            self._store = _open(data_dir)
        except StoreLocked as error:
            error.fix = 'stop what holds it, use acknowledge="local", or keep the store in PostgreSQL'
            raise
        found = open_script(path)
        assert found is not None  # its writer made it just now
        self._spool = found

    def store_new(self) -> None:
        """Return once the store has committed every whole line of the journal. Raises StoreError."""
        self._spool.drain(self._store)

    def close(self) -> None:
        """Let the store go."""
        self._store.close()


def _open_soon(data_dir: str) -> Store:
    """`_open`; who is no server and holds the store asks it one question: another script, or a thread of this one that
    gives back a place of a limit."""
    clock = SystemClock()
    end = clock.monotonic() + LOCKED_SECONDS
    while True:
        try:
            return _open(data_dir)
        except StoreLocked:
            if _is_a_servers(data_dir) or clock.monotonic() >= end:
                raise
        from threading import Event  # on use: most scripts find the store free

        Event().wait(LOOK_SECONDS)


def _is_a_servers(data_dir: str) -> bool:
    """Whether the process that wrote its id into the lock is the one that says where its server is."""
    try:
        with open(os.path.join(data_dir, LOCK)) as lock, open(os.path.join(data_dir, "server.json")) as server:
            return bool(json.load(server).get("pid") == int(lock.read()))
    except (OSError, ValueError):
        return False


def _open(data_dir: str) -> Store:
    """Like `local.opening.open_own`, without the settings: reading them costs a script tens of milliseconds."""
    return open_store(_database_url(data_dir) or data_dir, folder=data_dir, threaded=False)


def _database_url(data_dir: str) -> str | None:
    """The setting `database_url`, read without the module that reads settings."""
    given = os.environ.get("TURNOUT_DATABASE")
    path = os.path.join(data_dir, "config.toml")
    if given or not os.path.exists(path):
        return given or None
    import tomllib  # on use: few data folders have the file

    with open(path, "rb") as file:
        try:
            found = tomllib.load(file).get("database_url")
        except ValueError:
            return None  # whoever reads settings says so
    return found if isinstance(found, str) else None


def _say(data_dir: str, error: BaseException) -> None:
    first = str(error).partition("\n")[0]
    sys.stderr.write(f"turnout: not in the store yet, kept in {data_dir}/spool: {first}\n")
