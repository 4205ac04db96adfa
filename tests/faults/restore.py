"""Backup under load, go on, kill the server, restore: a new time begins, and nothing of the lost one gets into it.

Each cycle triggers the five runs of `bodies.MIX` beside a schedule of two seconds, takes a backup at a random moment,
lets work go on (the lost time), kills the server with -9, restores the backup while worker and flows live on, and
starts the server again. Then:
  - `doctor --invariants` finds nothing, before the server starts and at the end;
  - every run of the backup comes to its end; those that were active did not keep their executor;
  - no occurrence up to the backup has a second run, and later ones have one;
  - no step whose result the backup held ran again;
  - no process of the lost time is left.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.bodies import MIX, make_project
from tests.faults.cluster import Cluster, wait_until
from tests.faults.invariants import violations
from tests.faults.kill_oracle import Oracle
from tests.faults.outcome import Outcome
from tests.faults.timings import shorter
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, Namespace, Page, RunFilter
from turnout.core.states import RunState, is_final

KILLS = Namespace(project="kills")
TICK = "tick-burn"
FACTOR = 10.0
BEFORE_BACKUP, AFTER_BACKUP = (0.2, 1.6), (0.3, 1.5)
"""Seconds: the shortest of the five runs takes 1.8."""
END_WITHIN = 90.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the harness."""
    parser.add_argument("--cycles", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> list[Outcome]:
    """`options.cycles` cycles on one project."""
    started, rng = time.monotonic(), random.Random(f"restore-{options.seed}")
    folder = Path(tempfile.mkdtemp(prefix="turnout-restore-"))
    campaign = Campaign(folder, rng)
    try:
        campaign.start()
        for number in range(options.cycles):
            campaign.cycle(number)
            print(f"restore {number + 1}/{options.cycles}: {len(campaign.faults)} faults", file=sys.stderr, flush=True)
    finally:
        campaign.cluster.stop()
        if not campaign.faults:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"kept {folder}", file=sys.stderr)
    return [
        Outcome(
            harness="restore",
            row="restore",
            count=campaign.counts["cycles"],
            seconds=time.monotonic() - started,
            seed=options.seed,
            faults=tuple(campaign.faults),
            details=dict(campaign.counts),
        )
    ]


class Campaign:
    """A cluster that is backed up and restored again and again."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder = folder
        self.rng = rng
        self.faults: list[str] = []
        self.counts: collections.Counter[str] = collections.Counter()
        self.oracle = Oracle(folder / "oracle")
        environ = {"TURNOUT_PASS_VARIABLES": "ORACLE", "ORACLE": str(self.oracle.path), **shorter(FACTOR)}
        self.cluster = Cluster(scheduled_project(folder / "project"), environ)

    def start(self) -> None:
        self.cluster.start_server()
        self.cluster.wait_ready()
        self.cluster.apply()
        self.cluster.start_worker()

    def cycle(self, number: int) -> None:
        backup = self.folder / f"backup-{number}"
        with self.cluster.api() as api:
            known = [api.trigger(name, namespace=KILLS).id for name in MIX]
            time.sleep(self.rng.uniform(*BEFORE_BACKUP))
            self.turnout("backup", str(backup))
            taken_at = datetime.now(UTC)
            lost = [api.trigger(name, namespace=KILLS).id for name in MIX[:2]]
            time.sleep(self.rng.uniform(*AFTER_BACKUP))
        self.cluster.kill("server")
        self.turnout("restore", str(backup))
        self.faults += violations(self.cluster)
        self.cluster.start_server()
        self.cluster.wait_ready()
        self.counts["cycles"] += 1
        with self.cluster.api() as api:
            self.compare(api, known, lost, taken_at)
        self.faults += violations(self.cluster)
        shutil.rmtree(next((self.cluster.data).glob("before-restore-*")))

    def compare(self, api: AdminApi, known: list[str], lost: list[str], taken_at: datetime) -> None:
        """What the restored server has against what happened."""
        acknowledged = {run_id: recorded(api, run_id) for run_id in known}
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: all(is_final(api.run(run_id).state) for run_id in known), END_WITHIN, "all to end")
        for run_id in known:
            self.compare_run(api.run(run_id), acknowledged[run_id])
        there = {found.id for found in api.runs(RunFilter(), Page(limit=200))}
        self.faults += [f"lost time: run {run_id} came back" for run_id in lost if run_id in there]
        try:
            wait_until(lambda: not self.strangers(there), END_WITHIN, "executors of the lost time to stop")
        except TimeoutError:
            self.faults.append(f"not fenced: {sorted(self.strangers(there))} still execute")
        self.compare_schedule(api, taken_at)

    def compare_run(self, found: FlowRun, acknowledged: set[int]) -> None:
        self.counts["runs"] += 1
        name = found.deployment or ""
        right = {RunState.COMPLETED} if name.endswith("resume") else {RunState.COMPLETED, RunState.CRASHED}
        if found.state not in right:
            self.faults.append(f"state: {found.id} {name} is {found.state}: {found.reason}")
        if found.attempt > 1000:
            self.counts["resumed"] += 1
        ran = [words for words in self.oracle.of(found.id) if words[0] == "step" and int(words[2]) > 1000]
        again = sorted({int(words[1]) for words in ran} & acknowledged)
        if again:
            self.faults.append(f"doubled: {found.id} steps {again} of the backup ran again")

    def compare_schedule(self, api: AdminApi, taken_at: datetime) -> None:
        """One run an occurrence; what is younger than the restore was due after the backup."""
        runs = api.runs(RunFilter(deployment=TICK), Page(limit=200))
        times = collections.Counter(found.occurrence for found in runs)
        self.faults += [f"doubled: occurrence {at} has {count} runs" for at, count in times.items() if count > 1]
        self.counts["occurrences"] = len(times)
        fresh = [found for found in runs if found.created_at > taken_at]
        if not fresh:
            wait_until(lambda: _newest(api) > taken_at, 30.0, "the schedule to go on")

    def strangers(self, there: set[str]) -> set[str]:
        """Runs that are executed and that the server does not have."""
        return {name for name in self.executed() if name not in there}

    def executed(self) -> set[str]:
        living = set(self.cluster.flow_pids()) | set(self.cluster.supervisor_pids())
        found = set()
        for path in (self.cluster.data / "spool").glob("*.supervisor"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                if int(path.read_text().split()[0]) in living:
                    found.add(path.name.split(".")[0])
        return found

    def turnout(self, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "turnout", *command],
            cwd=self.cluster.project,
            env=self.cluster.environ,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"turnout {' '.join(command)}:\n{done.stdout}\n{done.stderr}")


def scheduled_project(folder: Path) -> Path:
    """The project of `bodies` with a schedule of two seconds."""
    make_project(folder)
    (folder / "ticks.py").write_text("from turnout import flow\n\n\n@flow\ndef tick():\n    return 1\n")
    with (folder / "turnout.yaml").open("a") as manifest:
        manifest.write(f"  {TICK}: {{flow: 'ticks.py:tick', schedule: {{every: 2s}}, catch_up: all}}\n")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


def recorded(api: AdminApi, run_id: str) -> set[int]:
    """The steps whose result the backup holds."""
    tasks = api.tasks(run_id, Page(limit=200), 1)
    done = [task for task in tasks if task.state == RunState.COMPLETED and task.key.startswith("step#")]
    return {int(task.key.rsplit("#", 1)[1]) for task in done}


def _newest(api: AdminApi) -> datetime:
    runs = api.runs(RunFilter(deployment=TICK), Page(limit=1))
    return runs[0].created_at if runs else datetime.min.replace(tzinfo=UTC)
