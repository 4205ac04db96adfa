"""K: kill -9 of each role at random moments while five flows run; then nothing may be lost, doubled or stuck.

    python -m tests.faults.kill --role flow --cycles 20 --seed 1 [--shipped]

Each cycle triggers the five runs of `bodies.MIX`, waits a random 0.1 to 1.7 s, kills one process of the role, starts
it again if it is the server or the worker, and waits until all five are final (at most 60 s). Then the oracle and the
API are compared:
  - `stop` runs are completed, or crashed; `resume` runs are completed;
  - no task whose result was recorded ran twice (the oracle counts);
  - every log line whose call returned is stored, each once, in order.
Without `--shipped` the lease, sweep and heartbeat are ten times shorter than the shipped ones.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.bodies import MIX, make_project
from tests.faults.cluster import Cluster, wait_until
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, Namespace, Page
from turnout.core.states import RunState, is_final

ROLES = ("flow", "supervisor", "worker", "server")
MOMENT_SECONDS = (0.1, 1.7)
"""When the kill comes: the shortest of the five runs takes 1.8 s."""
FINAL_WITHIN_SECONDS = 60.0
FLOW_ENVIRONMENT = {"TURNOUT_PASS_VARIABLES": "ORACLE"}
"""Flows get an allow-listed environment; the oracle's place has to be on the list."""
TENTH = {
    "TURNOUT_LEASE_SECONDS": "3",
    "TURNOUT_SWEEP_SECONDS": "0.5",
    "TURNOUT_HEARTBEAT_SECONDS": "1",
    "TURNOUT_CANCEL_GRACE_SECONDS": "1",
}


@dataclass
class Tally:
    """What the campaign saw."""

    role: str
    cycles: int = 0
    kills: int = 0
    runs: int = 0
    crashed: int = 0
    attempts: int = 0
    steps: int = 0
    lines: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Run the campaign; prints one JSON line; returns 1 if anything was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--role", choices=(*ROLES, "all"), default="all")
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shipped", action="store_true", help="the shipped timings instead of a tenth of them")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    options = parser.parse_args()
    worst = 0
    for role in ROLES if options.role == "all" else (options.role,):
        started = time.monotonic()
        tally = campaign(role, options.cycles, options.seed, shipped=options.shipped, keep=options.keep)
        print(
            json.dumps({**vars(tally), "seed": options.seed, "seconds": round(time.monotonic() - started)}), flush=True
        )
        worst |= bool(tally.faults)
    return worst


def campaign(role: str, cycles: int, seed: int, *, shipped: bool, keep: bool = False) -> Tally:
    """`cycles` kills of `role`; the tally with every fault found."""
    rng = random.Random(f"{role}-{seed}")
    folder = Path(tempfile.mkdtemp(prefix=f"turnout-kill-{role}-"))
    oracle = folder / "oracle"
    cluster = Cluster(
        make_project(folder / "project"), {**FLOW_ENVIRONMENT, "ORACLE": str(oracle), **({} if shipped else TENTH)}
    )
    tally = Tally(role)
    try:
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        cluster.start_worker()
        for _ in range(cycles):
            cycle(cluster, oracle, rng, tally)
            print(f"{role} {tally.cycles}/{cycles}: {len(tally.faults)} faults", file=sys.stderr, flush=True)
    finally:
        cluster.stop()
        if not keep and not tally.faults:
            shutil.rmtree(folder, ignore_errors=True)
        elif tally.faults:
            print(f"kept {folder}", file=sys.stderr)
    return tally


def cycle(cluster: Cluster, oracle: Path, rng: random.Random, tally: Tally) -> None:
    """Five runs, one kill, one comparison."""
    with cluster.api() as api:
        runs = [api.trigger(name, namespace=Namespace(project="kills")) for name in MIX]
    time.sleep(rng.uniform(*MOMENT_SECONDS))
    killed = cluster.kill(tally.role, rng)
    at = time.monotonic()
    if tally.role == "server":
        cluster.start_server()
        cluster.wait_ready()
    elif tally.role == "worker":
        cluster.start_worker()
    tally.cycles += 1
    tally.kills += killed is not None
    with cluster.api() as api:
        try:
            wait_until(lambda: all(is_final(api.run(run.id).state) for run in runs), FINAL_WITHIN_SECONDS, "all to end")
        except TimeoutError:
            stuck = [api.run(run.id) for run in runs]
            tally.faults += [
                f"stuck: {r.id} {r.deployment} {r.state}: {r.reason}" for r in stuck if not is_final(r.state)
            ]
        tally.slowest = round(max(tally.slowest, time.monotonic() - at), 2)
        for run in runs:
            compare(api, api.run(run.id), oracle, tally)


def compare(api: AdminApi, run: FlowRun, oracle: Path, tally: Tally) -> None:
    """One run against what really happened."""
    tally.runs += 1
    tally.attempts += run.attempt
    tally.crashed += run.state == RunState.CRASHED
    name = run.deployment or ""
    right = {RunState.COMPLETED} if name.endswith("resume") else {RunState.COMPLETED, RunState.CRASHED}
    if run.state not in right:
        tally.faults.append(f"state: {run.id} {name} is {run.state}: {run.reason}")
    seen = (
        [line.split()[1:] for line in oracle.read_text().splitlines() if line.startswith(run.id)]
        if oracle.exists()
        else []
    )
    if name.startswith("steps"):
        compare_steps(api, run, [int(words[1]) for words in seen if words[0] == "step"], tally)
    if name.startswith("lines"):
        compare_lines(api, run, [(int(w[1]), int(w[2])) for w in seen if w[0] == "line"], tally)


def compare_steps(api: AdminApi, run: FlowRun, witnessed: list[int], tally: Tally) -> None:
    """No step ran again after its result was acknowledged; a completed run ran every step."""
    tally.steps += len(witnessed)
    times = collections.Counter(witnessed)
    recorded = {
        int(task.key.rsplit("#", 1)[1])
        for attempt in range(1, run.attempt + 1)
        for task in api.tasks(run.id, Page(limit=200), attempt)
        if task.state == RunState.COMPLETED and task.state_name != "Reused"
    }
    for number, count in times.items():
        # The step after this one began, so the engine had acknowledged this one's result before.
        acknowledged = any(other > number for other in witnessed[: _last(witnessed, number)])
        if count > 1 and acknowledged:
            tally.faults.append(f"doubled: {run.id} step {number} ran {count} times after it was acknowledged")
    if run.state == RunState.COMPLETED and (missing := set(range(12)) - set(times)):
        tally.faults.append(f"lost: {run.id} completed without steps {sorted(missing)}")
    if run.state == RunState.COMPLETED and (unrecorded := set(times) - recorded):
        tally.faults.append(f"lost: {run.id} has no record of steps {sorted(unrecorded)}")


def compare_lines(api: AdminApi, run: FlowRun, witnessed: list[tuple[int, int]], tally: Tally) -> None:
    """Every line whose call returned is stored once, in order, per attempt."""
    stored: dict[int, list[int]] = collections.defaultdict(list)
    cursor: str | None = None
    while True:
        lines, cursor = api.logs(run.id, cursor=cursor, limit=1000)
        for line in lines:
            if line.message.startswith("line "):
                stored[line.attempt].append(int(line.message.split()[1]))
        if cursor is None or not lines:
            break
    tally.lines += sum(map(len, stored.values()))
    for attempt in range(1, run.attempt + 1):
        numbers = stored[attempt]
        returned = max((number for tried, number in witnessed if tried == attempt), default=-1)
        if numbers != list(range(len(numbers))):
            tally.faults.append(f"disordered: {run.id} attempt {attempt} log")
        if len(numbers) < returned + 1:
            tally.faults.append(f"lost: {run.id} attempt {attempt} has {len(numbers)} of {returned + 1} lines")


def _last(numbers: list[int], wanted: int) -> int:
    return len(numbers) - 1 - numbers[::-1].index(wanted)


if __name__ == "__main__":
    sys.exit(main())
