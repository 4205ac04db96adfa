"""What `turnout doctor` looks at: folder, rights, libraries, database, disk, server. Nothing here changes anything."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from turnout import _version
from turnout.client.connecting import find_server
from turnout.core.errors import NotFound, TurnoutError
from turnout.core.promises import PROMISES, Promise
from turnout.secrets.secret_file import FILE as SECRETS
from turnout.settings import Settings
from turnout.store import Store, open_reader
from turnout.store.dialects import sqlite
from turnout.store.invariants import Finding, check, promise
from turnout.store.sizes import ClassSize

State = Literal["ok", "note", "warning", "error"]
ROOM_WANTED, ROOM_NEEDED = 2_000_000_000, 200_000_000
"""Free bytes below which the disk is worth a word, and below which it stops the show soon."""
FAULTY_SQLITE = ((3, 7, 0), (3, 51, 2))
"""First and last version with the fault of 2026: a log that is restarted while two connections write or checkpoint may
lose or corrupt pages."""
LIBRARIES = ("starlette", "uvicorn", "msgspec", "psycopg", "cronsim", "httpx", "boto3")


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One thing that was looked at. `fix` is there where something should be done."""

    name: str
    state: State
    says: str
    where: str | None = None
    fix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is known of one promise. checked: the invariants that were checked now; findings: those that are broken."""

    promise: Promise
    checked: tuple[str, ...]
    findings: tuple[Finding, ...]


def target_of(settings: Settings) -> str | Path:
    """Where the database is: a URL, or the data folder."""
    return settings.database_url or settings.data_dir


def signs(settings: Settings) -> Iterator[Sign]:
    """Everything but the promises, one after the other."""
    yield _libraries()
    yield _sqlite_library()
    yield from _folder(Path(settings.data_dir))
    yield _disk(Path(settings.data_dir))
    yield from _database(settings)
    yield _server(settings)


def verdicts(settings: Settings) -> list[Verdict]:
    """Every promise, with what the database says of it now. Raises NotFound, StoreError if it cannot be read."""
    with open_reader(target_of(settings)) as store:
        return judged(store, serving=_serves(settings))


def judged(store: Store, *, serving: bool) -> list[Verdict]:
    """The same for an open store; `serving`: whether a server is at work on it."""
    findings, names = store.read(lambda tx: (check(tx, serving=serving), tx.invariants.names(serving=serving)))
    return [
        Verdict(
            promise=item,
            checked=tuple(name[4:] for name in names if promise(name) == item.key),
            findings=tuple(finding for finding in findings if finding.promise == item.key),
        )
        for item in PROMISES
    ]


def class_sizes(settings: Settings) -> list[ClassSize]:
    """How much room each class of what is kept takes. Raises NotFound, StoreError if the database cannot be read."""
    with open_reader(target_of(settings)) as store:
        found: list[ClassSize] = store.read(lambda tx: tx.sizes.classes())
        return found


def _libraries() -> Sign:
    found = [f"{name} {number}" for name in LIBRARIES if (number := _installed(name))]
    return Sign(name="turnout", state="ok", says=f"{_version.__version__}; {', '.join(found)}")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _sqlite_library(number: tuple[int, ...] = sqlite.VERSION) -> Sign:
    text = ".".join(map(str, number))
    if not FAULTY_SQLITE[0] <= number <= FAULTY_SQLITE[1]:
        return Sign(name="SQLite", state="ok", says=text)
    return Sign(
        name="SQLite",
        state="note",
        says=f"{text} has the write-ahead-log fault that 3.51.3 mends: two connections that write or checkpoint at the "
        "same moment can lose pages. Turnout is not exposed: one process holds the database, and one connection on one "
        "thread writes and checkpoints it",
        fix="never write turnout.db with another program; take a Python with SQLite 3.51.3 or newer when there is one",
    )


def _folder(folder: Path) -> Iterator[Sign]:
    if not folder.is_dir():
        fix = "run a flow or start a server here; or name another folder in TURNOUT_DATA"
        yield Sign(name="data folder", state="note", says="there is none yet", where=str(folder), fix=fix)
        return
    loose = [path for path in (folder, *_private_files(folder)) if path.stat().st_mode & 0o077]
    if loose:
        names = ", ".join(path.name for path in loose)
        fix = f"chmod go= {' '.join(str(path) for path in loose)}"
        yield Sign(name="rights", state="error", says=f"others may read {names}", where=str(folder), fix=fix)
    if not os.access(folder, os.W_OK):
        fix = "run as the user that owns it"
        yield Sign(name="data folder", state="error", says="it cannot be written", where=str(folder), fix=fix)
    elif not loose:
        yield Sign(name="data folder", state="ok", says="writable, and private", where=str(folder))
    refused = list((folder / "spool").glob("*.refused"))
    if refused:
        yield Sign(
            name="journals",
            state="warning",
            says=f"{len(refused)} could not be stored and were set aside",
            where=str(folder / "spool"),
            fix="see the server's log for why; report it with the file, then delete it",
        )


def _private_files(folder: Path) -> list[Path]:
    names = ("turnout.db", "turnout.db-wal", SECRETS)
    found = [folder / name for name in names if (folder / name).exists()]
    return [path for path in (*found, *folder.glob("*.token")) if stat.S_ISREG(path.stat().st_mode)]


def _disk(folder: Path) -> Sign:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    room = shutil.disk_usage(place)
    says = f"{size(room.free)} free of {size(room.total)}"
    state: State = "error" if room.free < ROOM_NEEDED else "warning" if room.free < ROOM_WANTED else "ok"
    fix = None if state == "ok" else "make room, or keep less: docs/how-to/retention.md"
    return Sign(name="disk", state=state, says=says, where=str(place), fix=fix)


def _database(settings: Settings) -> Iterator[Sign]:
    try:
        with open_reader(target_of(settings)) as store:
            findings = store.read(lambda tx: [tx.invariants.check_one(name) for name in _settings_of(tx)])
            says = f"schema {store.read(lambda tx: tx.sizes.schema_version())}, {size(store.read(_bytes))}"
            bad = [finding for finding in findings if finding is not None]
            for finding in bad:
                told = ", ".join(f"{key} = {value}" for key, value in zip(finding.ids, finding.details, strict=True))
                yield Sign(name="database", state="error", says=f"{finding.what} {told}", fix=finding.fix)
            if not bad:
                yield Sign(name="database", state="ok", says=says, where=store.path)
    except NotFound as error:
        yield Sign(name="database", state="note", says=error.what, where=error.where, fix=error.fix)
    except TurnoutError as error:
        yield Sign(name="database", state="error", says=error.what, where=error.where, fix=error.fix)


def _settings_of(tx: object) -> list[str]:
    return [name for name in tx.invariants.names() if name == "i01_durable_settings"]  # type: ignore[attr-defined]


def _bytes(tx: object) -> int:
    return int(tx.sizes.total_bytes())  # type: ignore[attr-defined]


def _server(settings: Settings) -> Sign:
    from turnout.client import connect

    try:
        remote = connect(settings)
        if remote is None:
            return Sign(name="server", state="note", says="none is running here", fix="`turnout server` starts one")
        with remote as api:
            online = sum(worker.state == "online" for worker in api.workers())
        return Sign(name="server", state="ok", says=f"answers; {online} workers online", where=find_server(settings))
    except TurnoutError as error:
        return Sign(name="server", state="error", says=error.what, where=error.where, fix=error.fix)


def _serves(settings: Settings) -> bool:
    try:
        return find_server(settings) is not None
    except TurnoutError:
        return False


def size(count: int) -> str:
    """Bytes for people: 1.2 GB."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
