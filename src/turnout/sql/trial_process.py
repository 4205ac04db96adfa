"""The process that tries one connection: a JSON object on its standard input, another on its output; see `trial`."""

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, SqlError, TurnoutError
from turnout.engine.clock import monotonic
from turnout.sql.driver import duckdb
from turnout.sql.file_lock import FileLock
from turnout.sql.statements import first_sentence

MEMORY = ":memory:"
CONFIGURATION = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""What is tried is a file, and never a reason to load or fetch anything."""


def main() -> None:
    """Answer, and end: by an alarm, if the database takes too long, whether or not somebody still waits."""
    asked = json.loads(sys.stdin.buffer.read())
    with suppress(ConfigurationError):  # which is part of the answer, below
        duckdb()
    signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
    sys.stdout.write(json.dumps(tried(str(asked["database"]), Path(asked["folder"]))))


def tried(database: str, folder: Path) -> dict[str, Any]:
    """What came of it."""
    where = database if database == MEMORY else str((folder / database).resolve())
    try:
        driver = duckdb()
        begun = monotonic()
        what = _open_memory(driver) if database == MEMORY else _open_file(driver, Path(where))
        seconds, fix = monotonic() - begun, None
    except TurnoutError as error:
        return _answer(False, 0.0, None, error.what, where, error.fix)
    except OSError as error:
        what, fix = f"{error.strerror or type(error).__name__}", "let the user that runs the server read and write it"
        return _answer(False, 0.0, None, what, where, fix)
    return _answer(True, seconds, f"DuckDB {driver.__version__}", what, where, fix)


def _open_memory(driver: Any) -> str:
    driver.connect(MEMORY).execute("SELECT 1").fetchall()
    return "each run has a database of its own in memory, which ends with it"


def _open_file(driver: Any, path: Path) -> str:
    if not path.exists():
        _check_folder(path)
        _open_memory(driver)
        return "the file is not there yet: the first run makes it"
    if not os.access(path, os.R_OK | os.W_OK) or path.is_dir():
        fix = "name a file that the user of the server may read and write"
        raise SqlError("the database is no file that can be read and written", fix=fix)
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    lock.acquire(_refuse_busy)
    try:
        with driver.connect(str(path), read_only=True, config=CONFIGURATION) as opened:
            opened.execute("SELECT 1").fetchall()
    except driver.Error as error:
        raise _told(str(error)) from None
    finally:
        lock.release()
    return "it was opened and read"


def _check_folder(path: Path) -> None:
    folder = next(parent for parent in path.parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise SqlError(
            f"the file is not there, and cannot be made in {folder}",
            fix="correct `database:` in turnout.yaml, or let the user of the server write there",
        )


def _refuse_busy(holder: str) -> None:
    raise SqlError(
        f"{holder or 'another process'} has the database open, and DuckDB lets one process write",
        fix="try again once its run is over: runs that need it wait for their turn",
    )


def _told(message: str) -> SqlError:
    if "could not set lock" in message.lower():
        fix = "close the other program that has the file open (a notebook, the DuckDB shell)"
    else:
        fix = "correct `database:` in turnout.yaml, or put a backup of the file in its place"
    return SqlError(first_sentence(message), fix=fix)


def _answer(ok: bool, seconds: float, version: str | None, what: str, where: str, fix: str | None) -> dict[str, Any]:
    return {"ok": ok, "seconds": seconds, "version": version, "what": what, "where": where, "fix": fix}


if __name__ == "__main__":
    main()
