"""Cancel and timeouts: bodies that do not want to stop are stopped, and nothing of them is left.

    ./dev faults cancel [--rounds 20] [--shipped] [--bodies sleep,cpu] [--how cancel,run,flow,task]

Each body of `cancel_cases.bodies` runs under a real worker and is cancelled, or runs out of the time of its
deployment, its `@flow` or its `@task`. /proc is the oracle: after the grace and 5 s (2 s more for a timeout) no
process of the run's tree lives, the run is Cancelled or TimedOut, and no task began 2 s after the acknowledgement.
Runs that are cancelled before they start, while they wait for a slot, before a retry, and while their worker cannot be
reached follow; then the worker must have every slot back. Without `--shipped` lease and grace are a tenth.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.cancel_cases.bodies import BODIES, make_project
from tests.faults.cancel_cases.oracle import Oracle
from tests.faults.cancel_cases.special import SPECIAL
from tests.faults.cancel_cases.stage import Stage
from tests.faults.cancel_cases.watch import Case, How
from tests.faults.cluster import Cluster
from tests.faults.outcome import Outcome
from turnout.core.errors import TurnoutError

ROW = "cancel"
WAYS: tuple[How, ...] = ("cancel", "run", "flow", "task")
TENTH = {
    "TURNOUT_LEASE_SECONDS": "3",
    "TURNOUT_SWEEP_SECONDS": "0.5",
    "TURNOUT_HEARTBEAT_SECONDS": "1",
    "TURNOUT_CANCEL_GRACE_SECONDS": "1",
}
TOGETHER = 4
"""Runs that are stopped at once: some of them eat a core."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command line may say."""
    parser.add_argument("--rounds", type=int, default=1, help="how often each body is stopped in each way")
    parser.add_argument("--bodies", default=",".join(BODIES), help="which bodies, separated by commas")
    parser.add_argument("--how", default=",".join(WAYS), help="which ways to stop them, separated by commas")
    parser.add_argument("--special", default=",".join(SPECIAL), help="which special cases; empty for none")
    parser.add_argument("--shipped", action="store_true", help="the shipped timings instead of a tenth of them")


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome for all the cases."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="turnout-cancel-"))
    oracle = folder / "oracle"
    environ = {"TURNOUT_PASS_VARIABLES": "ORACLE", "ORACLE": str(oracle), "TURNOUT_WORKER_CAPACITY": "20"}
    cluster = Cluster(make_project(folder / "project"), environ | ({} if options.shipped else TENTH))
    stage = Stage(cluster, Oracle(oracle), shipped=options.shipped)
    try:
        stage.start()
        faults, slowest, count = _bodies(stage, options)
        for _ in range(options.rounds):
            for name in filter(None, options.special.split(",")):
                faults += [f"{name}: {words}" for words in SPECIAL[name](stage)]
                count += 1
        faults += stage.slots_in_use()
    finally:
        stage.stop()
    if not faults:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Outcome(
            harness="cancel",
            row=ROW,
            count=0 if options.bodies != ",".join(BODIES) or options.how != ",".join(WAYS) else options.rounds,
            seconds=round(time.monotonic() - started, 1),
            faults=tuple(faults),
            details={"cases": count, "timings": "shipped" if options.shipped else "a tenth", "slowest_seconds": slowest}
            | ({"kept": str(folder)} if faults else {}),
        )
    ]


def _bodies(stage: Stage, options: argparse.Namespace) -> tuple[list[str], dict[str, float], int]:
    wanted = list(_wanted(options))
    slowest: dict[str, float] = {}
    faults: list[str] = []
    open_cases: list[Case] = []
    count = 0
    while wanted or open_cases:
        while wanted and len(open_cases) < TOGETHER:
            open_cases.append(stage.begin(*wanted.pop(0)))
            count += 1
        time.sleep(0.05)
        for case in list(open_cases):
            if not _look(stage, case):
                continue
            open_cases.remove(case)
            faults += case.faults
            if case.gone_after is not None:
                slowest[case.how] = round(max(slowest.get(case.how, 0.0), case.gone_after), 2)
            if case.faults:
                _end(case)
    return faults, slowest, count


def _wanted(options: argparse.Namespace) -> Iterator[tuple[str, How]]:
    ways = [how for how in WAYS if how in options.how.split(",")]
    for _ in range(options.rounds):
        for how in ways:
            yield from ((body, how) for body in options.bodies.split(",") if body)


def _look(stage: Stage, case: Case) -> bool:
    try:
        with stage.cluster.api() as api:
            return case.look(api, stage.oracle)
    except TurnoutError as error:
        case.faults.append(f"{case.body} ({case.how}) {case.run_id}: {error}")
        return True


def _end(case: Case) -> None:
    """What was not stopped must not disturb the next cases."""
    for living in case.seen:
        try:
            os.kill(living.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
