"""E1/E3 at the system's calls: strace kills a process, or makes a call fail, at the k-th one, for every k."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.crash_points.child import LINES
from tests.faults.crash_points.databases import SHM, Sqlite, opened
from tests.faults.crash_points.operations import OPERATIONS
from tests.faults.crash_points.trying import Trial, Tried

PARALLEL = 2
CALLS = ("openat", "write", "pwrite64", "fdatasync", "fsync", "ftruncate", "rename", "renameat", "renameat2", "unlink")
ERRORS = {"fdatasync": ("EIO",), "fsync": ("EIO",), "unlink": ("EIO",)}
OPERATIONS_TRIED = (
    "create a run by key",
    "claim one",
    "journal: all kinds",
    "journal: completed, waking others",
    "report lost, resuming",
    "apply a release that prunes",
    "upload a bundle",
    "schedule: catch up with all",
    "log in",
    "register a script",
)
FILES = ("spool", "private", "new store", "backup")
ROOT = Path(__file__).resolve().parents[3]
SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Point:
    """The `when`-th `call` of a process is its last, or fails with `error`."""

    call: str
    when: int
    error: str | None

    def __str__(self) -> str:
        return f"{self.error or 'KILL'} at {self.call} {self.when}"

    @property
    def injection(self) -> str:
        """As strace takes it."""
        what = "signal=KILL" if self.error is None else f"error={self.error}"
        return f"inject={self.call}:{what}:when={self.when}"


@dataclass(kw_only=True)
class Ended:
    """How a process ended and what it had acknowledged."""

    killed: bool
    acks: list[str]
    error: str = ""
    output: str = ""
    seen: dict[str, int] = field(default_factory=dict)


def why_not() -> str | None:
    """Why strace cannot be used here; None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True)
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else None


class Tracing:
    """Children in a folder of their own."""

    def __init__(self, database: Sqlite, trial: Trial, folder: Path) -> None:
        self._database = database
        self._trial = trial
        self._folder = folder
        self._serial = itertools.count()

    def every_point(self, what: str, stride: int, offset: int) -> Tried:
        """Kill and fail at every call of `what`."""
        tried = Tried(name=f"system calls: {what}")
        place, paths = self._place(what)
        good = self._trace(what, place, paths, None)
        if good.error or not good.acks:
            tried.faults.append(f"{tried.name}: fails by itself: {good.error or good.output}")
            return tried
        tried.calls = sum(good.seen.values())
        points = list(_points(good.seen))[offset::stride]
        with ThreadPoolExecutor(PARALLEL) as pool:
            for point, (place, ended) in zip(points, pool.map(lambda it: self._one(what, it), points), strict=True):
                tried.points += 1
                tried.faults += [f"{tried.name}: {point}: {it}" for it in self._judge(what, point, place, ended)]
                shutil.rmtree(place, ignore_errors=True)
        return tried

    def _one(self, what: str, point: Point) -> tuple[Path, Ended]:
        place, paths = self._place(what)
        return place, self._trace(what, place, paths, point)

    def _place(self, what: str) -> tuple[Path, list[Path]]:
        """A new folder, and the files whose calls count."""
        place = self._folder / f"child-{next(self._serial)}"
        if what in FILES and what != "backup":
            place.mkdir()
        else:
            self._database.copy_to(place)
        if what == "spool":
            return place, [place / "spool", place / "spool.new"]
        if what == "private":
            return place, []
        if what == "backup":
            return place, [place / "backup", *(place / f"backup.{tail}" for tail in ("copy", "partial", "new"))]
        return place, [place / f"turnout.db{tail}" for tail in ("", "-wal", "-shm", "-journal")]

    def _trace(self, what: str, place: Path, paths: Sequence[Path], point: Point | None) -> Ended:
        target = place / "spool" if what in ("spool", "private") else place
        log, acks = place / ".strace", place / ".acks"
        command = ["strace", "-qq", "-o", str(log), "-e", f"trace={','.join(_calls(what))}"]
        command += [word for path in paths for word in ("-P", str(path))]
        if point is not None:
            command += ["-e", point.injection]
        command += [sys.executable, "-m", "tests.faults.crash_points.child", what, str(target), str(acks)]
        ids = json.dumps(self._trial.ids)
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
        done = subprocess.run(
            [*command, ids], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
        noted = acks.read_text().splitlines() if acks.exists() else []
        errors = [line for line in noted if line.startswith("error")]
        return Ended(
            killed=done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL),
            acks=[line for line in noted if not line.startswith("error")],
            error=errors[0] if errors else "",
            output=done.stderr[-300:],
            seen=_count(log.read_text(errors="replace")),
        )

    def _judge(self, what: str, point: Point, place: Path, ended: Ended) -> Iterator[str]:
        if point.error is None and not ended.killed:
            yield f"was not killed: {ended.error or ended.output}"
        if point.error is not None and not ended.error and not ended.acks:
            yield f"neither acknowledged nor refused: {ended.output}"
        if what == "spool":
            yield from _judge_spool(place / "spool", ended)
        elif what == "private":
            yield from _judge_private(place / "spool", ended)
        elif what == "backup":
            yield from _judge_backup(place, ended)
        elif what == "new store":
            yield from self._judge_new(place, ended)
        else:
            yield from self._judge_operation(what, place, ended)

    def _judge_new(self, place: Path, ended: Ended) -> Iterator[str]:
        if ended.error and "StoreError" not in ended.error:
            yield f"raises {ended.error}"
        with opened(str(place), seed=2) as store:
            workers = store.read(lambda tx: tx.workers.all())
        if ended.acks and not workers:
            yield "acknowledged, and lost"
        yield from self._database.damage(str(place))

    def _judge_operation(self, what: str, place: Path, ended: Ended) -> Iterator[str]:
        if ended.error and "StoreError" not in ended.error:
            yield f"raises {ended.error}"
        yield from self._database.damage(str(place))
        [operation] = [it for it in OPERATIONS if it.name == what]
        yield from self._trial.after_a_kill(operation, str(place), acked=bool(ended.acks))


def _calls(what: str) -> tuple[str, ...]:
    # A worker's notes have a temporary name that is not known before, so that openat would count Python's own files.
    return tuple(call for call in CALLS if call != "openat") if what == "private" else CALLS


def _judge_spool(path: Path, ended: Ended) -> Iterator[str]:
    """Every acknowledged line is there, whole and in order; at most the end is torn."""
    if ended.error and "OSError" not in ended.error:
        yield f"raises {ended.error}"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    for number in range(len(ended.acks)):
        if len(lines) <= number + 1 or not json.loads(lines[number + 1])[5].startswith(f"{number} "):
            yield f"line {number} was acknowledged and is not there"
            return
    for number, line in enumerate(lines):
        try:
            json.loads(line)
        except ValueError:
            yield f"line {number} of {len(lines)} is torn"
    if len(lines) > LINES + 2:
        yield "there are more lines than were written"


def _judge_backup(place: Path, ended: Ended) -> Iterator[str]:
    """What has the backup's name is a whole backup."""
    from turnout.store.archive import read_manifest
    from turnout.store.backup import unpack

    source = place / "backup"
    if ended.error and "TurnoutError" not in ended.error:
        yield f"raises {ended.error}"
    if not source.exists():
        if ended.acks:
            yield "acknowledged, and gone"
        return
    try:
        unpack(source, read_manifest(source), place / "restored")
    except Exception as error:
        yield f"what is there is no backup: {type(error).__name__}: {error}"


def _judge_private(path: Path, ended: Ended) -> Iterator[str]:
    """The newest acknowledged content is there, or the next one, whole."""
    if not path.exists():
        if ended.acks:
            yield "acknowledged, and gone"
        return
    found = json.loads(path.read_bytes())
    if found["number"] not in (len(ended.acks) - 1, len(ended.acks)) or len(found["more"]) != 9000 * found["number"]:
        yield f"holds number {found['number']} after {len(ended.acks)}"


def _points(seen: dict[str, int]) -> Iterator[Point]:
    for call, count in seen.items():
        for when in range(1, count + 1):
            yield Point(call=call, when=when, error=None)
            for error in ERRORS.get(call, ("EIO", "ENOSPC")):
                yield Point(call=call, when=when, error=error)


def _count(log: str) -> dict[str, int]:
    """How often each call was made."""
    counts: dict[str, int] = {}
    for name in re.findall(r"^(\w+)\(", log, re.MULTILINE):
        counts[name] = counts.get(name, 0) + 1
    return counts


def in_a_folder() -> tempfile.TemporaryDirectory[str]:
    """Where children work."""
    return tempfile.TemporaryDirectory(prefix="turnout-calls-", dir=SHM if SHM.is_dir() else None)
