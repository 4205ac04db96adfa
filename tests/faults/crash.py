"""E1/E3: a crash or an error at every store call, and at every system call, of the critical operations.

    ./dev faults crash [--all] [--database sqlite|postgresql|both] [--operation WORD] [--points N] [--seed N]

Without `--all` a sample of about `--points` points is taken, other ones for other seeds.
"""

from __future__ import annotations

import argparse
import time
from contextlib import AbstractContextManager
from typing import Any

from tests.faults.crash_points.databases import postgres_database, sqlite_database
from tests.faults.crash_points.operations import OPERATIONS
from tests.faults.crash_points.trying import Trial, Tried
from tests.faults.outcome import Outcome

ROW = "crash-points"
_POINTS_IN_ALL = {"sqlite": 4000, "postgresql": 4600}
"""About how many there are, to choose a stride for a sample."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this harness."""
    parser.add_argument("--all", action="store_true", help="every point instead of a sample")
    parser.add_argument("--points", type=int, default=300, help="about how many points a sample has, each database")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--operation", default="", help="only operations whose name has this word")
    parser.add_argument("--seed", type=int, default=1, help="which sample")


def run(options: argparse.Namespace) -> list[Outcome]:
    """An outcome a database."""
    names = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    return [_on(name, options) for name in names]


def _on(name: str, options: argparse.Namespace) -> Outcome:
    started = time.monotonic()
    opening: AbstractContextManager[Any] = sqlite_database() if name == "sqlite" else postgres_database()
    stride = 1 if options.all else max(1, _POINTS_IN_ALL[name] // max(1, options.points))
    tried: list[Tried] = []
    with opening as database:
        trial = Trial(database)
        for number, operation in enumerate(OPERATIONS):
            if options.operation in operation.name:
                tried.append(trial.every_point(operation, stride, (options.seed + number) % stride))
                _say(tried[-1], name)
    return Outcome(
        harness="crash",
        row=ROW,
        count=sum(item.points for item in tried),
        seconds=time.monotonic() - started,
        seed=None if options.all else options.seed,
        faults=tuple(fault for item in tried for fault in item.faults),
        details={
            "database": name,
            "operations": len(tried),
            "calls": sum(item.calls for item in tried),
            "points": {item.name: item.points for item in tried},
        },
    )


def _say(tried: Tried, name: str) -> None:
    print(
        f"  {name:10}  {tried.name:40} {tried.calls:4} calls {tried.points:5} points {len(tried.faults):3} faults",
        flush=True,
    )
