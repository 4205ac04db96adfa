"""Schedule: deployments on 1 s schedules while servers are killed all the time; how many runs there are is arithmetic.

    ./dev faults schedule --servers 3 --deployments 100 --minutes 5 --database postgresql

Every whole second between the moment when a schedule was applied and its last watermark is an occurrence, and must have
exactly one run. Runs and watermarks are read from the database itself. There is no worker: the runs stay queued.
"""

from __future__ import annotations

import argparse
import collections
import random
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.outcome import Outcome
from tests.faults.progress import Progress
from tests.faults.servers import Fleet, fleet
from tests.serving import apply, deployment, snapshot
from turnout.core.snapshot import ScheduleSpec

SLUG = "each-second"
MICRO = 1_000_000
AWAY_SECONDS = (0.0, 1.5)
BETWEEN_SECONDS = (0.5, 4.0)
BEHIND_SECONDS = 10.0
"""How far the schedules may be behind once nobody is killed any more."""
CATCH_UP_SECONDS = 90.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `schedule`."""
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--deployments", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome; its count is the number of occurrences that had to have a run."""
    started = time.monotonic()
    servers = 1 if options.database == "sqlite" else options.servers
    folder = Path(tempfile.mkdtemp(prefix="turnout-schedule-"))
    faults: list[str] = []
    try:
        with fleet(folder, servers, options.database) as found:
            applied = _apply(found, options.deployments)
            kills = storm(found, random.Random(options.seed), options.minutes * 60)
            faults += catch_up(found)
            for server in found.servers:
                server.stop()
            expected, wrong = count(found, applied)
            faults += wrong
    finally:
        if faults:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return [
        Outcome(
            harness="schedule",
            row="schedule",
            count=expected,
            seed=options.seed,
            seconds=round(time.monotonic() - started, 1),
            faults=tuple(faults),
            details={"database": options.database, "servers": servers, "kills": kills},
        )
    ]


def _apply(found: Fleet, deployments: int) -> int:
    """Deploy; the microsecond from which the first schedule counts."""
    schedule = ScheduleSpec(slug=SLUG, every=1.0, catch_up="all")
    specs = [deployment(f"each-{number:03}", schedules=(schedule,)) for number in range(deployments)]
    with found.servers[0].api() as api:
        apply(api, snapshot(*specs))
    return int(found.query("SELECT min(applied_at) FROM release")[0][0])


def storm(found: Fleet, rng: random.Random, seconds: float) -> int:
    """Kill a random server again and again; how often."""
    end = time.monotonic() + seconds
    progress = Progress("schedule: kills")
    kills = 0
    while time.monotonic() < end:
        time.sleep(rng.uniform(*BETWEEN_SECONDS))
        victim = rng.choice(found.servers)
        victim.kill()
        kills += 1
        time.sleep(rng.uniform(*AWAY_SECONDS))
        for server in found.servers:
            server.keep_up()
        progress.show(kills)
    return kills


def catch_up(found: Fleet) -> list[str]:
    """Wait until every schedule is followed closely again; a fault if one never is."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    behind = float("inf")
    while time.monotonic() < deadline:
        for server in found.servers:
            server.keep_up()
        oldest = found.query("SELECT min(watermark) FROM schedule")[0][0]
        behind = time.time() - oldest / MICRO
        if behind < BEHIND_SECONDS:
            return []
        time.sleep(0.5)
    return [f"stuck: {CATCH_UP_SECONDS:.0f} s after the last kill a schedule is {behind:.0f} s behind"]


def count(found: Fleet, applied: int) -> tuple[int, list[str]]:
    """(occurrences that must have a run, faults)."""
    watermarks = dict(found.query("SELECT deployment, watermark FROM schedule"))
    rows = found.query("SELECT deployment, occurrence, state FROM flow_run WHERE schedule IS NOT NULL")
    times: dict[str, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    faults = []
    for name, occurrence, state in rows:
        times[name][occurrence] += 1
        if state != "scheduled":
            faults.append(f"skipped: {name} at {_shown(occurrence)} is {state}")
    expected = 0
    for name, watermark in sorted(watermarks.items()):
        wanted = set(range(-(-(applied + 1) // MICRO) * MICRO, watermark + 1, MICRO))
        expected += len(wanted)
        got = times[name]
        faults += [f"missing: {name} at {_shown(at)}" for at in sorted(wanted - set(got))]
        faults += [f"unwanted: {name} at {_shown(at)}" for at in sorted(set(got) - wanted)]
        faults += [f"doubled: {name} at {_shown(at)}, {n} runs" for at, n in sorted(got.items()) if n > 1]
    if len(faults) > 20:
        faults = [*faults[:20], f"... and {len(faults) - 20} more; {len(rows)} runs for {expected} occurrences"]
    return expected, faults


def _shown(micros: int) -> str:
    return datetime.fromtimestamp(micros / MICRO, UTC).isoformat()
