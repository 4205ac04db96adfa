"""E1/E3: a crash or an error at every store call, and at every system call, of the critical operations.

    ./dev faults crash [--all] [--level sqlite|postgresql|calls] [--operation WORD] [--points N] [--seed N]

Without `--all` a sample of about `--points` points is taken, other ones for other seeds.
"""

from __future__ import annotations

import argparse
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.faults.crash_points import syscalls
from tests.faults.crash_points.databases import postgres_database, sqlite_database
from tests.faults.crash_points.operations import OPERATIONS
from tests.faults.crash_points.trying import Trial, Tried
from tests.faults.outcome import Outcome

ROW = "crash-points"
LEVELS = ("sqlite", "postgresql", "calls")
_POINTS_IN_ALL = {"sqlite": 4000, "postgresql": 4600, "calls": 1200}
"""About how many there are, to choose a stride for a sample."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this harness."""
    parser.add_argument("--all", action="store_true", help="every point instead of a sample")
    parser.add_argument("--points", type=int, default=300, help="about how many points a sample has, on each level")
    parser.add_argument("--level", choices=(*LEVELS, "all"), default="all", help="calls: system calls, by strace")
    parser.add_argument("--operation", default="", help="only operations whose name has this word")
    parser.add_argument("--seed", type=int, default=1, help="which sample")


def run(options: argparse.Namespace) -> list[Outcome]:
    """An outcome a level."""
    levels = LEVELS if options.level == "all" else (options.level,)
    return [_calls(options) if level == "calls" else _statements(level, options) for level in levels]


def _statements(name: str, options: argparse.Namespace) -> Outcome:
    started = time.monotonic()
    opening: AbstractContextManager[Any] = sqlite_database() if name == "sqlite" else postgres_database()
    stride = _stride(name, options)
    tried: list[Tried] = []
    with opening as database:
        trial = Trial(database)
        for number, operation in enumerate(OPERATIONS):
            if options.operation in operation.name:
                tried.append(trial.every_point(operation, stride, (options.seed + number) % stride))
                _say(tried[-1], name)
    return _outcome(name, tried, options, started)


def _calls(options: argparse.Namespace) -> Outcome:
    started = time.monotonic()
    missing = syscalls.why_not()
    if missing is not None:
        print(f"  calls: {missing}: no point was tried (Debian: apt-get install strace)", flush=True)
        return _outcome("calls", [], options, started, not_available=missing)
    stride = _stride("calls", options)
    tried: list[Tried] = []
    with sqlite_database() as database, syscalls.in_a_folder() as folder:
        tracing = syscalls.Tracing(database, Trial(database), Path(folder))
        for number, what in enumerate((*syscalls.FILES, *syscalls.OPERATIONS_TRIED)):
            if options.operation in what:
                tried.append(tracing.every_point(what, stride, (options.seed + number) % stride))
                _say(tried[-1], "calls")
    return _outcome("calls", tried, options, started)


def _stride(level: str, options: argparse.Namespace) -> int:
    return 1 if options.all else max(1, _POINTS_IN_ALL[level] // max(1, options.points))


def _outcome(level: str, tried: list[Tried], options: argparse.Namespace, started: float, **more: Any) -> Outcome:
    return Outcome(
        harness="crash",
        row=ROW,
        count=sum(item.points for item in tried),
        seconds=time.monotonic() - started,
        seed=None if options.all else options.seed,
        faults=tuple(fault for item in tried for fault in item.faults),
        details={
            "level": level,
            "operations": len(tried),
            "calls": sum(item.calls for item in tried),
            "points": {item.name: item.points for item in tried},
            **more,
        },
    )


def _say(tried: Tried, name: str) -> None:
    print(
        f"  {name:10}  {tried.name:46} {tried.calls:4} calls {tried.points:5} points {len(tried.faults):3} faults",
        flush=True,
    )
