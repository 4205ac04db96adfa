"""The tiers: `ci` and `commit` work the whole table off at reduced counts; `campaign` does it in resumable pieces."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from tests.faults import results
from tests.faults.pieces import PIECES, Piece
from tests.faults.progress import Progress
from tests.faults.report import faults_of, table
from tests.faults.results import FOLDER, ROOT, Entry
from tests.faults.rows import BY_KEY, Tier, split

STATE = FOLDER / "campaign.json"
PATIENCE = 10.0
"""How many times its estimate a piece may take before it counts as hanging."""
LEAST_PATIENCE = 300.0
SPARE = 0.85
"""The part of a tier's time that is planned for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `campaign`."""
    parser.add_argument("--resume", action="store_true", help="go on where the last one stopped (else it must be new)")
    parser.add_argument("--hours", type=float, default=8.0, help="begin no piece after so long")
    parser.add_argument("--rows", help="only these rows, separated by commas (kill, or kill:server)")
    parser.add_argument("--again", metavar="ROW", help="set a row's pieces aside: its faults are mended")


def add_tier_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `ci` and `commit`."""
    parser.add_argument("--minutes", type=float, help="the time there is (ci: 15, commit: 5)")
    parser.add_argument("--rows", help="only these rows, separated by commas")


@dataclass
class State:
    """Every piece of the campaign so far, and those that were set aside; written after each piece."""

    pieces: list[Entry] = field(default_factory=list)
    set_aside: list[Entry] = field(default_factory=list)
    path: Path = STATE

    @classmethod
    def load(cls, path: Path = STATE) -> State:
        """What is kept; empty before the first campaign."""
        if not path.exists():
            return cls(path=path)
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(kept["pieces"], kept["set_aside"], path)

    def entries(self) -> Iterator[Entry]:
        """The outcomes that count."""
        yield from self.pieces

    def add(self, entries: list[Entry]) -> None:
        """Keep the outcomes of a piece, whole or not at all."""
        self.pieces += entries
        self.save()

    def again(self, row: str) -> None:
        """Let a row begin anew; what it came to stays on record."""
        moved = [kept for kept in self.pieces if row in (kept["row"], split(kept["row"])[0])]
        self.pieces = [kept for kept in self.pieces if kept not in moved]
        self.set_aside += moved
        self.save()

    def save(self) -> None:
        """Replace the file: a kill leaves the old one or the new one."""
        self.path.parent.mkdir(exist_ok=True)
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"pieces": self.pieces, "set_aside": self.set_aside}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def done(self, row: str) -> tuple[int, int]:
        """(cases, pieces) of a row, or of a kind of it, so far."""
        mine = [kept for kept in (*self.pieces, *self.set_aside) if kept["row"] == row]
        return sum(kept["count"] for kept in mine if kept in self.pieces), len(mine)


def campaign(options: argparse.Namespace) -> int:
    """Round and round over the rows, a piece each, until all counts or the hours are reached."""
    with _alone():
        state = State.load()
        if options.again:
            state.again(options.again)
            print(f"{options.again}: begins anew")
            return 0
        if state.pieces and not options.resume:
            print("there is a campaign already: go on with --resume, or remove .faults/campaign.json", file=sys.stderr)
            return 2
        end = time.monotonic() + options.hours * 3600
        pieces = [piece for piece in _chosen(options.rows) if is_there(piece)]
        while time.monotonic() < end and (open_ := [piece for piece in pieces if _missing(state, piece)]):
            for piece in open_:
                if time.monotonic() < end:
                    _campaign_piece(state, piece)
        entries = list(state.entries())
        print("\n".join([*table(entries), "", *faults_of(entries)]))
        return int(any(kept["faults"] for kept in entries))


def _campaign_piece(state: State, piece: Piece) -> None:
    cases, number = state.done(piece.row)
    count = min(piece.size, _missing(state, piece))
    command = piece.command(count=count, done=cases, number=number + 1)
    state.add(run_piece(piece, command, "campaign", max(LEAST_PATIENCE, PATIENCE * piece.estimate(count))))


def _missing(state: State, piece: Piece) -> int:
    return max(0, BY_KEY[split(piece.row)[0]].campaign - state.done(piece.row)[0])


def tier(name: Tier, options: argparse.Namespace) -> int:
    """Every row once, all counts reduced by one factor so that they fit the time; what was achieved; 1 on a fault."""
    seconds = 60.0 * (options.minutes or {"ci": 15.0, "commit": 5.0}[name])
    pieces = [piece for piece in _chosen(options.rows) if BY_KEY[split(piece.row)[0]].wanted(name)]
    there = [piece for piece in pieces if is_there(piece)]
    share = affordable(name, there, seconds * SPARE)
    print(f"{name}: every count at {100 * share:.0f} %, in at most {seconds / 60:.0f} minutes", flush=True)
    began = time.monotonic()
    entries: list[Entry] = []
    slower, planned, took = 1.0, 0.0, 0.0
    for number, piece in enumerate(there):
        left = seconds - (time.monotonic() - began)
        # A machine that is slower than the one that was measured on gets smaller counts in what is still to come.
        count = reduced(name, piece, min(share, affordable(name, there[number:], left * SPARE / slower)))
        if left < slower * piece.estimate(1):
            continue
        patience = max(LEAST_PATIENCE, PATIENCE * slower * piece.estimate(count))
        started = time.monotonic()
        command = piece.command(count=count, done=0, number=1)
        entries += run_piece(piece, command, name, min(left, patience), hanging=patience < left)
        planned, took = planned + piece.estimate(count), took + time.monotonic() - started
        slower = max(1.0, took / planned)
    print("\n".join(["", *table(entries), "", *faults_of(entries)]), flush=True)
    absent = sorted({piece.harness for piece in pieces} - {piece.harness for piece in there})
    if absent:
        print(f"not there yet: {', '.join(absent)}")
    return int(any(kept["faults"] for kept in entries))


def affordable(name: Tier, pieces: list[Piece], seconds: float) -> float:
    """The factor by which all counts have to shrink to fit `seconds`; 1 where they need not."""
    starts = sum(piece.start for piece in pieces)
    cases = sum(piece.seconds * BY_KEY[split(piece.row)[0]].wanted(name) for piece in pieces)
    return min(1.0, max(0.0, seconds - starts) / cases) if cases else 1.0


def reduced(name: Tier, piece: Piece, share: float) -> int:
    """A row's count at that share, at least one."""
    return max(1, round(BY_KEY[split(piece.row)[0]].wanted(name) * share))


def is_there(piece: Piece) -> bool:
    """Whether its harness is part of this tree."""
    return find_spec(f"tests.faults.{piece.harness}") is not None


def run_piece(piece: Piece, command: str, name: str, seconds: float, *, hanging: bool = True) -> list[Entry]:
    """Run one command in a process of its own; its outcomes, also kept with all others.

    hanging: whether a process that is not done in `seconds` is a fault, or only out of time.
    """
    progress = Progress(f"{piece.row:<22}")
    with tempfile.TemporaryDirectory(prefix="turnout-faults-") as folder:
        kept = Path(folder) / "outcomes.jsonl"
        words, code = _execute([*shlex.split(command), "--results", str(kept), "--tier", name], seconds)
        entries = list(results.read(kept))
    trouble = None
    if code is None and hanging:
        trouble = f"not done after {seconds:.0f} s"
    elif code not in (0, None) and not any(found["faults"] for found in entries):
        trouble = f"the harness ended with {code}: {words}"
    if trouble:
        entries.append(_trouble(piece, command, name, trouble))
    results.append(results.RESULTS, entries)
    faults = sum(len(found["faults"]) for found in entries)
    progress.done(sum(found["count"] for found in entries), faults, command)
    return entries


def _trouble(piece: Piece, command: str, name: str, trouble: str) -> Entry:
    from tests.faults.outcome import Outcome

    outcome = Outcome(harness=piece.harness, row=piece.row, count=0, seconds=0.0, faults=(trouble,))
    return results.entry(outcome, tier=name, command=command, commit=results.this_commit())


def _execute(arguments: list[str], seconds: float) -> tuple[str, int | None]:
    """(the end of what it said, exit code); None when it had to be stopped. It is asked first: it has processes."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        code: int | None = None
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _end(process)
        said.seek(0)
        return said.read()[-800:].decode(errors="replace").strip(), code


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)


def _chosen(rows: str | None) -> list[Piece]:
    if not rows:
        return list(PIECES)
    wanted = set(rows.split(","))
    return [piece for piece in PIECES if {piece.row, split(piece.row)[0]} & wanted]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One campaign at a time: two would give the same seeds twice."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "campaign.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("a campaign is under way already") from None
        yield
