"""Bugs put in on purpose: each must be caught by the harness that is there for its kind, within its budget.

./dev faults planted [--bug 3] [--first 1 --count 15]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from tests.faults.outcome import Outcome
from tests.faults.planted_bugs.catalogue import BUGS, Bug


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `planted`."""
    parser.add_argument("--bug", type=int, choices=[bug.number for bug in BUGS], action="append", help="only this one")
    parser.add_argument("--first", type=int, default=1, help="the first bug, round and round")
    parser.add_argument("--count", type=int, default=len(BUGS), help="how many bugs")
    parser.add_argument("--seed", type=int, default=1, help="where the hunts begin")


def run(options: argparse.Namespace) -> list[Outcome]:
    """Plant, hunt, print the table."""
    began = time.monotonic()
    faults, details = [], {}
    chosen = [bug for bug in BUGS if bug.number in options.bug] if options.bug else list(_turn(options))
    for bug in chosen:
        started = time.monotonic()
        after = hunt(bug, options.seed)
        if after is not None and any(bug.cases(options.seed, after)):
            faults.append(f"bug {bug.number} ({bug.name}): {bug.harness} finds a fault without it, too")
        seconds = time.monotonic() - started
        found = f"caught after {after} {bug.unit}" if after is not None else f"NOT caught in {bug.budget} {bug.unit}"
        details[f"{bug.number:2} {bug.name}"] = f"{bug.harness}: {found}, {seconds:.1f} s"
        if after is None:
            faults.append(f"bug {bug.number} ({bug.name}) was not caught by {bug.harness} in {bug.budget} {bug.unit}")
    return [
        Outcome(
            harness="planted",
            row="planted",
            count=len(chosen),
            seconds=time.monotonic() - began,
            seed=options.seed,
            faults=tuple(faults),
            details=details,
        )
    ]


def hunt(bug: Bug, seed: int) -> int | None:
    """How many cases it took until the bug was caught; None when the budget did not do."""
    with bug.plant():
        for count, caught in enumerate(bug.cases(seed, bug.budget), 1):
            if caught:
                return count
    return None


def _turn(options: argparse.Namespace) -> Iterator[Bug]:
    for number in range(options.first - 1, options.first - 1 + options.count):
        yield BUGS[number % len(BUGS)]
