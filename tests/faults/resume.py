"""Resume: a flow of 12 tasks dies after each side effect and at random moments, and repeats nothing needlessly.

    ./dev faults resume [--cycles 500] [--seed 1] [--shipped]

Each cycle is one run under `on_crash: resume`. It dies by its own hand right after the side effect of one task (each in
its turn), or its flow or its supervisor is killed at a random moment, once or twice. The oracle is a file that no part
of Turnout reads: every task appends its number and the value it is about to return, and at its end the flow appends the
values that it got. A task that another one followed in its attempt was acknowledged: it ran exactly once, and the value
the flow got is the one that it returned. Every task ran at least once.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.cancel import TENTH
from tests.faults.cluster import Cluster
from tests.faults.outcome import Outcome
from turnout.core.errors import TurnoutError
from turnout.core.records import Namespace
from turnout.core.states import RunState, is_final

ROW = "resume"
STEPS = 12
TOGETHER = 6
FINAL_WITHIN_SECONDS = 90.0
FLOWS = """\
import os
import signal
import time

from turnout import flow, runtime, task


def witness(text):
    handle = os.open(os.environ["ORACLE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, f"{runtime.flow_run.root_flow_run_id} {runtime.flow_run.attempt} {text}\\n".encode())
    os.fsync(handle)
    os.close(handle)


@task
def step(number, die_at):
    value = os.urandom(8).hex()
    witness(f"step {number} {value}")
    if number == die_at and runtime.flow_run.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.03)
    return value


@flow
def steps(die_at: int = -1):
    values = [step(number, die_at) for number in range(12)]
    witness("done 0 " + ",".join(values))
"""
MANIFEST = """\
project: resumes
timezone: UTC
pools:
  default: {type: process, concurrency: 10}
deployments:
  steps: {flow: 'flows.py:steps', on_crash: resume}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command line may say."""
    parser.add_argument("--cycles", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shipped", action="store_true", help="the shipped timings instead of a tenth of them")


@dataclass
class Cycle:
    """One run. kills: (seconds after its first step, role) still to come."""

    run_id: str
    kills: list[tuple[float, str]]
    began: float = field(default_factory=time.monotonic)


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome for all the cycles."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="turnout-resume-"))
    oracle = folder / "oracle"
    environ = {"TURNOUT_PASS_VARIABLES": "ORACLE", "ORACLE": str(oracle)} | ({} if options.shipped else TENTH)
    cluster = Cluster(_make_project(folder / "project"), environ)
    cluster.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rng = random.Random(f"resume-{options.seed}")
    faults: list[str] = []
    details: collections.Counter[str] = collections.Counter()
    try:
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        cluster.start_worker()
        _campaign(cluster, oracle, rng, options.cycles, faults, details)
    finally:
        cluster.stop()
    if not faults:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Outcome(
            harness="resume",
            row=ROW,
            count=options.cycles,
            seed=options.seed,
            seconds=round(time.monotonic() - started, 1),
            faults=tuple(faults),
            details=dict(details) | ({"kept": str(folder)} if faults else {}),
        )
    ]


def _campaign(
    cluster: Cluster,
    oracle: Path,
    rng: random.Random,
    cycles: int,
    faults: list[str],
    details: collections.Counter[str],
) -> None:
    under_way: list[Cycle] = []
    begun = 0
    with cluster.api() as api:
        while begun < cycles or under_way:
            while begun < cycles and len(under_way) < TOGETHER:
                by_itself = begun % 2 == 0
                parameters = {"die_at": begun // 2 % STEPS} if by_itself else {}
                kills = [] if by_itself else _moments(rng)
                made = api.trigger("steps", namespace=Namespace(project="resumes"), parameters=parameters)
                under_way.append(Cycle(made.id, kills))
                begun += 1
            time.sleep(0.02)
            said = _read(oracle)
            for cycle in list(under_way):
                _kill_when_due(cluster, cycle, said.get(cycle.run_id, []), details)
                try:
                    found = api.run(cycle.run_id)
                except TurnoutError as error:
                    faults.append(f"{cycle.run_id}: {error}")
                    under_way.remove(cycle)
                    continue
                late = time.monotonic() - cycle.began > FINAL_WITHIN_SECONDS
                if found.state == RunState.COMPLETED or (is_final(found.state) and late) or late:
                    under_way.remove(cycle)
                    details["attempts"] += found.attempt
                    if found.state != RunState.COMPLETED:
                        faults.append(
                            f"{cycle.run_id} is {found.state} after {FINAL_WITHIN_SECONDS:.0f} s: {found.reason}"
                        )
                    faults += _compare(cycle.run_id, _read(oracle).get(cycle.run_id, []), details)


def _moments(rng: random.Random) -> list[tuple[float, str]]:
    return sorted((rng.uniform(0.0, 0.6), rng.choice(("flow", "supervisor"))) for _ in range(rng.randint(1, 2)))


def _kill_when_due(cluster: Cluster, cycle: Cycle, said: list[list[str]], details: collections.Counter[str]) -> None:
    if not said or not cycle.kills:
        if not said:
            cycle.began = time.monotonic()
        return
    if time.monotonic() - cycle.began < cycle.kills[0][0]:
        return
    _, role = cycle.kills.pop(0)
    for path in (cluster.data / "spool").glob(f"{cycle.run_id}.*.supervisor"):
        try:
            supervisor = int(path.read_text().split()[0])
            pids = [supervisor] if role == "supervisor" else _children(supervisor)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
                details[f"killed {role}"] += 1
        except (OSError, ValueError, IndexError):
            continue


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _read(oracle: Path) -> dict[str, list[list[str]]]:
    """run -> [attempt, what, number, value], as they were said."""
    found: dict[str, list[list[str]]] = {}
    if oracle.exists():
        for line in oracle.read_text().splitlines():
            words = line.split()
            found.setdefault(words[0], []).append(words[1:])
    return found


def _compare(run_id: str, said: list[list[str]], details: collections.Counter[str]) -> list[str]:
    """What is wrong with a run that is over, by the oracle alone."""
    steps = [(int(attempt), int(number), value) for attempt, what, number, value in said if what == "step"]
    times = collections.Counter(number for _, number, _ in steps)
    acked: dict[int, str] = {}
    again: list[int] = []
    for index, (attempt, number, value) in enumerate(steps):
        if number in acked:
            again.append(number)
        if index + 1 < len(steps) and steps[index + 1][0] == attempt:  # its result was recorded, or the next had waited
            acked[number] = value
    details["tasks run"] += len(steps)
    details["tasks run twice"] += len(steps) - len(times)
    faults = [f"{run_id}: task {number} never ran" for number in range(STEPS) if not times[number]]
    faults += [f"{run_id}: task {number} ran again after it was acknowledged" for number in again]
    ends = [value.split(",") for _, what, _, value in said if what == "done"]
    if not ends:
        return [*faults, f"{run_id}: never came to its end"]
    got = ends[-1]
    faults += [f"{run_id}: task {n} gave {acked[n]}, the flow got {got[n]}" for n in acked if got[n] != acked[n]]
    return faults


def _make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "flows.py").write_text(FLOWS)
    (folder / "turnout.yaml").write_text(MANIFEST)
    (folder / ".gitignore").write_text(".turnout/\n*.log\noracle*\n__pycache__/\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Add the flow"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder
