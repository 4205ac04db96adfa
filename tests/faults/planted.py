"""Bugs put in on purpose: each must be caught by the harness that is there for its kind, within its budget.

./dev faults planted [--bug 3] [--first 1 --count 15]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from tests.faults.outcome import Outcome
from tests.faults.planted_bugs.catalogue import BUGS, Bug

SHOWN = 100
"""Characters of what a hunt caught that the table shows."""


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
        after, caught = hunt(bug, options.seed)
        if caught and any(bug.cases(options.seed, after)):
            faults.append(f"bug {bug.number} ({bug.name}): {bug.harness} finds a fault without it, too")
        if not caught:
            faults.append(f"bug {bug.number} ({bug.name}) was not caught by {bug.harness} in {after} {bug.unit}")
        words = f"caught after {after} {bug.unit}: {caught[:SHOWN]}" if caught else f"NOT caught in {after} {bug.unit}"
        details[f"{bug.number:2} {bug.name}"] = f"{bug.harness}, {time.monotonic() - started:.1f} s, {words}"
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


def hunt(bug: Bug, seed: int) -> tuple[int, str]:
    """How many cases it took until the bug was caught, and what was caught: empty when the budget did not do."""
    count = 0
    with bug.plant():
        for count, caught in enumerate(bug.cases(seed, bug.budget), 1):
            if caught:
                return count, caught
    return count, ""


def _turn(options: argparse.Namespace) -> Iterator[Bug]:
    for number in range(options.first - 1, options.first - 1 + options.count):
        yield BUGS[number % len(BUGS)]
