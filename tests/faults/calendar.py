"""Calendar: random schedules and windows over every time zone against a walk from minute to minute."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from tests.faults.outcome import Outcome
from tests.faults.results import ROOT

TESTS = "tests/unit/schedules/test_calendar.py"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `calendar`."""
    parser.add_argument("--cases", type=int, default=5000, help="schedules and windows, all tests together")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> list[Outcome]:
    """The suite of that page with so many cases."""
    started = time.monotonic()
    seed = f"--hypothesis-seed={options.seed}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=0", seed, TESTS],
        cwd=ROOT,
        env={**os.environ, "TURNOUT_CASES": str(options.cases)},
        capture_output=True,
        text=True,
    )
    tail = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E   "))]
    faults = tuple(tail[-10:] or [done.stdout[-500:] + done.stderr[-500:]]) if done.returncode else ()
    seconds = round(time.monotonic() - started, 1)
    return [
        Outcome(
            harness="calendar", row="calendar", count=options.cases, seed=options.seed, seconds=seconds, faults=faults
        )
    ]
