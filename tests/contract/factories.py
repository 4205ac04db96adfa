"""Values for the suites: complete, and different only where a test says so."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.runs import a_run
from turnout.core.ids import make_id
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace, Release
from turnout.core.snapshot import Concurrency, DeploymentSpec, Snapshot
from turnout.core.states import RunState
from turnout.orchestration.limiting import put_limits
from turnout.orchestration.queue import bounds_of, needs_of

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
NAMESPACE = Namespace(project="field")
_serial = itertools.count()


class ManualClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class HintLog:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def notify(self, topic: str) -> None:
        self.topics.append(topic)


def new_run(**changes: Any) -> FlowRun:
    """A scheduled run, due at START; ids ascend in the order of the calls."""
    serial = next(_serial)
    run = a_run(
        f"quiet-heron-{serial}",
        id=make_id(int(START.timestamp() * 1000) + serial, bytes(10)),
        project=NAMESPACE.project,
        environment=NAMESPACE.environment,
        state_at=START,
        created_by="admin:ada",
        due_at=START,
        created_at=START,
    )
    return replace(run, **changes)


def insert(tx: Tx, limited: Sequence[str] = (), **changes: Any) -> FlowRun:
    """A new run, stored; `limited` are those of its tags that limits name."""
    run = new_run(**changes)
    assert tx.runs.insert(run, "admin:ada", limited_tags=limited)
    return run


def move(tx: Tx, run: FlowRun, state: RunState, **changes: Any) -> FlowRun:
    """`set_state` with everything else as it is, but for `changes`."""
    values: dict[str, Any] = {
        "name": state.value.capitalize(),
        "reason": None,
        "by": "system:test",
        "attempt": run.attempt,
        "due_at": run.due_at,
        "failures": run.failures,
        "crashes": run.crashes,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "worker": run.worker,
        "lease_until": run.lease_until,
        "lease_key": None,
        "token_hash": None,
    }
    return tx.runs.set_state(run, state=state, **{**values, **changes})


def start(tx: Tx, run: FlowRun, state: RunState = RunState.RUNNING) -> FlowRun:
    """`move` to an active state, holding a slot of every limit that the run needs."""
    for each, weight in needs_of(bounds_of(tx, run.project), run):
        tx.limits.take(run, each.limit.key, weight)
    return move(tx, run, state)


def release(number: int = 1, **changes: Any) -> Release:
    """A release of NAMESPACE."""
    made = Release(
        number=number,
        project=NAMESPACE.project,
        environment=NAMESPACE.environment,
        commit="c" * 40,
        author="Ada",
        message="Load the roll",
        bundle="b" * 64,
        applied_at=START,
        applied_by="admin:ada",
        summary={"created": 2},
    )
    return replace(made, **changes)


def deployment(name: str = "load", *, limit: int | None = None, **changes: Any) -> DeploymentSpec:
    """A deployment, with a concurrency limit if one is given."""
    concurrency = None if limit is None else Concurrency(limit=limit)
    made = DeploymentSpec(name=name, flow_name=name, entrypoint=f"flows/{name}.py:{name}", concurrency=concurrency)
    return replace(made, **changes)


def deploy(tx: Tx, *specs: DeploymentSpec, number: int = 1, **declares: Any) -> Release:
    """A release with these deployments and their limits, applied; `declares` is what else the snapshot has."""
    applied = release(number)
    declared = Snapshot(project=NAMESPACE.project, deployments={spec.name: spec for spec in specs}, **declares)
    tx.projects.write_release(applied, declared)
    for spec in specs:
        tx.projects.put_deployment(NAMESPACE, spec, applied)
    put_limits(tx, NAMESPACE, declared)
    return applied


AT = 1_790_000_000.25
"""A journal time: Unix seconds."""


def lines(*entries: Any) -> list[bytes]:
    """Journal lines as the engine writes them."""
    return [json.dumps(entry, separators=(",", ":")).encode() + b"\n" for entry in entries]


def header(run: FlowRun, attempt: int = 1, stream: int = 0) -> dict[str, Any]:
    """Line 0 of a stream."""
    return {"protocol": 1, "run": run.id, "attempt": attempt, "stream": stream, "flow": run.flow_name, "at": AT}


def created(number: int, **changes: Any) -> list[Any]:
    """A `c` entry."""
    entry = {
        "parent": 0,
        "kind": "task",
        "key": f"work#{number}",
        "name": "work",
        "at": AT + number,
        "state": "pending",
        "extra": None,
    } | changes
    return ["c", number, *entry.values()]


def step(number: int, state: str, at: float = AT + 100, **extra: Any) -> list[Any]:
    """An `s` entry."""
    return ["s", number, state, at, extra or None]


def log(message: str, number: int = 0, at: float = AT, level: int = 20) -> list[Any]:
    """An `l` entry."""
    return ["l", number, at, level, "turnout.flow", message]


def ids(runs: Iterable[FlowRun]) -> list[str]:
    """The runs' ids."""
    return [run.id for run in runs]
