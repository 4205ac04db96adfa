"""Kill: kill -9 of real processes at random moments while five flows run; nothing may be lost, doubled or stuck.

    ./dev faults kill --role worker --cycles 20 --seed 1
    ./dev faults kill --role server+postgres --database postgresql
    ./dev faults kill --role supervisor --pause

Each cycle triggers the five runs of `bodies.MIX` while a client creates runs of its own, waits a random 0.1 to 1.7 s,
kills one process of each role (the second up to 2 s after the first; sometimes they stay away for more than a lease),
starts again what a service manager would, and waits until all five are over. Then the flows' own record, the client's
answers and the API are compared (`kill_oracle`), and nothing of the runs may be left: no process, no journal.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.acks import AckWriter
from tests.faults.bodies import MIX, make_project
from tests.faults.cluster import Cluster, wait_until
from tests.faults.invariants import violations
from tests.faults.kill_oracle import Expectation, Oracle, Tally, compare, recorded_steps
from tests.faults.outcome import Outcome
from tests.faults.progress import Progress
from tests.faults.timings import lease, shorter
from turnout.client import HttpAdminApi
from turnout.core.errors import TurnoutError
from turnout.core.records import FlowRun, Namespace
from turnout.core.states import RunState, is_final

if TYPE_CHECKING:
    from tests.faults.postmaster import Postmaster

ROLES = ("flow", "supervisor", "worker", "server")
DATABASE_ROLES = ("postgres", "postgres-immediate")
NAMESPACE = Namespace(project="kills")
MOMENT_SECONDS = (0.1, 1.7)
"""When the kill comes: the shortest of the five runs takes 1.8 s."""
GAP_SECONDS = (0.0, 0.0, 0.3, 1.0, 2.0)
"""Between the two kills of a pair."""
AWAY_LEASES = (0.0, 0.0, 0.0, 1.5)
"""How long what was killed stays away."""
FINAL_WITHIN_SECONDS = 60.0
QUIET_WITHIN_SECONDS = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `kill`."""
    parser.add_argument(
        "--role", default="all", help=f"{', '.join(ROLES + DATABASE_ROLES)}; a+b for two; pairs; everything; all"
    )
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faster", type=float, default=1.0, help="timings so many times shorter than shipped")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="default: what the role needs")
    parser.add_argument("--pause", action="store_true", help="SIGSTOP for two leases instead of kill -9")
    parser.add_argument("--keep", action="store_true", help="keep the folder also when all is well")


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome a role."""
    roles = ROLES if options.role == "all" else (options.role,)
    return [campaign(role, options) for role in roles]


@dataclass(kw_only=True)
class Campaign:
    """What the cycles of one campaign share. lease: seconds."""

    cluster: Cluster
    oracle: Oracle
    rng: random.Random
    lease: float
    role: str = ""
    pause: bool = False
    tally: Tally = field(default_factory=Tally)
    cycles: int = 0


def campaign(role: str, options: argparse.Namespace) -> Outcome:
    """`cycles` kills of `role`, with every fault found."""
    started = time.monotonic()
    with prepared(role, options) as found:
        progress = Progress(f"kill {role}", options.cycles)
        for _ in range(options.cycles):
            cycle(found, lambda: strike(found, victims(found)))
            progress.show(found.cycles, len(found.tally.faults))
    tally = found.tally
    return Outcome(
        harness="kill",
        row=row_of(role, options),
        count=found.cycles,
        seed=options.seed,
        seconds=round(time.monotonic() - started, 1),
        faults=tuple(tally.faults),
        details={f.name: getattr(tally, f.name) for f in fields(tally) if f.name != "faults"},
    )


def row_of(role: str, options: argparse.Namespace) -> str:
    """Where in the table of counts it belongs."""
    if role in DATABASE_ROLES:
        return "pg-kill" if role == "postgres" else "pg-immediate"
    if "+" in role or role in ("pairs", "everything"):
        return "pairs"
    if options.pause:
        return f"pause:{role}"
    return f"kill-shipped:{role}" if options.faster == 1 else f"kill:{role}"


@contextlib.contextmanager
def prepared(role: str, options: argparse.Namespace) -> Iterator[Campaign]:
    """A running cluster on a fresh project."""
    with contextlib.ExitStack() as stack:
        database = None
        if options.database == "postgresql" or (options.database is None and "postgres" in role):
            from tests.faults.postmaster import postmaster

            database = stack.enter_context(postmaster())
        name = f"{role}-{options.seed}"
        found = stack.enter_context(begun(name, options.faster, database=database, keep=options.keep))
        found.role, found.pause = role, options.pause
        yield found


@contextlib.contextmanager
def begun(
    name: str,
    faster: float,
    *,
    database: Postmaster | None = None,
    keep: bool = False,
    place: Callable[[Cluster], None] = lambda _: None,
    capacity: int = 10,
) -> Iterator[Campaign]:
    """Server and worker on a fresh project, seeded by `name`; `place` puts something between them before they start.

    The folder, with its logs, is kept when there were faults."""
    folder = Path(tempfile.mkdtemp(prefix="turnout-kill-"))
    oracle = Oracle(folder / "oracle")
    # Flows get an allow-listed environment; the oracle's place has to be on the list.
    environ = {"TURNOUT_PASS_VARIABLES": "ORACLE", "ORACLE": str(oracle.path), **shorter(faster)}
    environ["TURNOUT_WORKER_CAPACITY"] = str(capacity)
    cluster = Cluster(make_project(folder / "project"), environ, database)
    found = Campaign(cluster=cluster, oracle=oracle, rng=random.Random(name), lease=lease(faster))
    well = False
    try:
        place(cluster)
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        cluster.start_worker()
        yield found
        well = True
    finally:
        cluster.stop()
        if keep or found.tally.faults or not well:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def cycle(found: Campaign, fault: Callable[[], Expectation], mix: Sequence[str] = MIX) -> None:
    """The runs of `mix`, one fault, one comparison."""
    cluster, tally = found.cluster, found.tally
    with cluster.api() as api, cluster.api_at_port() as writer_api:
        runs = [api.trigger(name, namespace=NAMESPACE) for name in mix]
        acks = AckWriter(writer_api, NAMESPACE, "later", f"cycle-{found.cycles}")
        acks.start()
        time.sleep(found.rng.uniform(*MOMENT_SECONDS))
        acknowledged = {run.id: recorded_steps(api, run.id) for run in runs if "steps" in (run.deployment or "")}
        running = {run.id for run in runs if api.run(run.id).state not in (RunState.SCHEDULED, RunState.PENDING)}
        begun = time.monotonic()
        expected = fault()
        _recover(cluster)
        acks.stop()
    found.cycles += 1
    with cluster.api() as api:
        over = _wait_over(api, cluster, runs, tally)
        tally.slowest = round(max(tally.slowest, time.monotonic() - begun), 2)
        _check_quiet(cluster, tally)
        for run in over:
            known = acknowledged.get(run.id, {})
            compare(api, run, found.oracle, known, expected, tally, ran=run.id in running)
        tally.acks += len(acks.acked)
        tally.unanswered += acks.unanswered
        tally.faults += acks.faults(api)
    tally.faults += violations(cluster)


def victims(found: Campaign) -> tuple[str, ...]:
    """The roles of this cycle."""
    there = [*ROLES, "postgres"] if found.cluster.database is not None else [*ROLES]
    if found.role == "pairs":
        return tuple(found.rng.sample(there, 2))
    return tuple(there) if found.role == "everything" else tuple(found.role.split("+"))


def strike(found: Campaign, roles: tuple[str, ...]) -> Expectation:
    """Kill or pause; what may be expected of the runs after it."""
    rng, cluster = found.rng, found.cluster
    if found.pause:
        stopped = [pid for role in roles if (pid := cluster.pause(role, rng)) is not None]
        found.tally.missed += not stopped
        time.sleep(2 * found.lease)
        for pid in stopped:
            cluster.send(pid, signal.SIGCONT)
        return Expectation(untouched="supervisor" not in roles, only_running="worker" in roles, on_disk=False)
    gap = rng.choice(GAP_SECONDS)
    away = rng.choice(AWAY_LEASES) * found.lease if len(roles) > 1 else 0.0
    for number, role in enumerate(roles):
        if number:
            time.sleep(gap)
            if "postgres" in roles and cluster.database is not None and rng.random() < 0.5:
                cluster.database.start()  # the second dies while the database recovers, or just after
        found.tally.missed += cluster.kill(role, rng) is None
    time.sleep(away)
    quiet = {"worker", "server", *DATABASE_ROLES}
    return Expectation(untouched=set(roles) <= quiet and not away, on_disk=not away)


def _recover(cluster: Cluster) -> None:
    """Keep starting what ends until the server answers."""

    def up() -> bool:
        cluster.keep_up()
        return cluster.answers()

    wait_until(up, FINAL_WITHIN_SECONDS, "the server to answer again")


def _wait_over(api: HttpAdminApi, cluster: Cluster, runs: list[FlowRun], tally: Tally) -> list[FlowRun]:
    """The runs as they ended; those that do not end are faults."""
    seen: Mapping[str, FlowRun] = {run.id: run for run in runs}

    def over() -> bool:
        nonlocal seen
        cluster.keep_up()
        with contextlib.suppress(TurnoutError):
            seen = {run.id: api.run(run.id) for run in runs}
        return all(is_final(run.state) for run in seen.values())

    with contextlib.suppress(TimeoutError):
        wait_until(over, FINAL_WITHIN_SECONDS, "all to end")
    late = [run for run in seen.values() if not is_final(run.state)]
    tally.faults += [f"stuck: {run.id} {run.deployment} {run.state}: {run.reason}" for run in late]
    return [run for run in seen.values() if is_final(run.state)]


def _check_quiet(cluster: Cluster, tally: Tally) -> None:
    """Nothing of the runs is left: neither a process nor a journal that was not shipped."""

    def quiet() -> bool:
        return not (cluster.pids_of("flow") or cluster.pids_of("supervisor") or cluster.left_in_spool())

    try:
        wait_until(quiet, QUIET_WITHIN_SECONDS, "quiet")
    except TimeoutError:
        left = cluster.pids_of("flow") + cluster.pids_of("supervisor")
        tally.faults.append(f"leaked: processes {left}, files {cluster.left_in_spool()}")
