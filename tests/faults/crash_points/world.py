"""A control plane in the middle of its day: what critical operations are tried on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.contract.factories import NAMESPACE, START
from turnout.core.jobs import Job
from turnout.core.journal import PROTOCOL
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Principal
from turnout.core.snapshot import Concurrency, DeploymentSpec, ScheduleSpec, Snapshot
from turnout.core.tokens import token_hash
from turnout.orchestration import claims, ingest, overrides, releases, runs
from turnout.store import Store

ANN = Principal(kind="admin", name="ann")
POOL = Principal(kind="worker", name="field/default", scope="field/default")
LOCAL = Principal(kind="local", name="spools")
LEASE = 30.0
LOGIN = "tn_login_" + "x" * 43
AT = START.timestamp()
Runs = dict[str, str]
"""What a run is there for -> its id."""


def deployment(name: str, **fields: Any) -> DeploymentSpec:
    """A deployment of a flow of the same name."""
    return DeploymentSpec(name=name, flow_name=name, entrypoint=f"flows/{name}.py:run", **fields)


def project(*more: DeploymentSpec, without: tuple[str, ...] = ()) -> Snapshot:
    """What the project declares."""
    specs = (
        deployment("load"),
        deployment("van", concurrency=Concurrency(limit=1)),
        deployment("single", concurrency=Concurrency(limit=1, on_collision="skip")),
        deployment("newest", concurrency=Concurrency(limit=1, on_collision="replace")),
        deployment("after", after=("load",)),
        deployment("stubborn", retries=2, retry_delay_seconds=5.0),
        deployment("resumes", on_crash="resume"),
        deployment("minutely", schedules=(ScheduleSpec(slug="all", every=60.0, catch_up="all"),)),
        deployment("hourly", schedules=(ScheduleSpec(slug="latest", cron="*/2 * * * *", catch_up="latest"),)),
        *more,
    )
    return Snapshot(
        project=NAMESPACE.project, deployments={spec.name: spec for spec in specs if spec.name not in without}
    )


def fill(store: Store, ids: Runs) -> None:
    """Seed: a release, a worker, runs in every state; `ids` is filled in."""
    store.write(lambda tx: releases.apply_release(tx, project(), by=ANN, bundle=None))
    store.write(lambda tx: register(tx, "w1"))
    for label, name in (
        ("running", "load"),
        ("to-fail", "stubborn"),
        ("to-lose", "resumes"),
        ("lost", "load"),
        ("cancelling", "load"),
        ("holder", "van"),
        ("replaced", "newest"),
        ("single", "single"),
        ("done", "load"),
        ("failed", "load"),
    ):
        ids[label] = start(store, name)
    finish(store, ids["done"], "completed")
    finish(store, ids["failed"], "failed")
    store.write(lambda tx: runs.cancel(tx, ids["cancelling"], ANN))
    ids["pending"] = trigger(store, "load")
    store.write(lambda tx: claim(tx, "the-key", 1))
    for label, name in (("queued", "load"), ("second", "load"), ("waits", "van"), ("doomed", "hourly")):
        ids[label] = trigger(store, name)
    store.write(lambda tx: tx.credentials.put(token_hash(LOGIN), "login", "ann", None, tx.now + timedelta(minutes=10)))
    store.write(lambda tx: tx.bundles.put("b" * 64, b"bundle"))
    store.write(lambda tx: overrides.put(tx, NAMESPACE, "parameter", "hourly", "size", 7, ANN, reason="why"))
    ids["script"] = "f" * 32
    store.write(lambda tx: ship_script(tx, ids["script"], 0, script_lines(ids["script"])[:2]))


def trigger(store: Store, name: str, **options: Any) -> str:
    """A new run of a deployment; its id."""
    return store.write(lambda tx: runs.create(tx, NAMESPACE, name, trigger="manual", by=ANN, **options)).id


def start(store: Store, name: str) -> str:
    """A run that is running."""
    run_id = trigger(store, name)
    [job] = store.write(lambda tx: claim(tx, f"key-{run_id}", 1))
    assert job.run.id == run_id
    store.write(lambda tx: ship(tx, run_id, 0, journal(job.run)))
    return run_id


def finish(store: Store, run_id: str, state: str) -> None:
    """Its last words."""
    store.write(
        lambda tx: ship(tx, run_id, 4, [line("s", 1, state, AT, None), line("s", 0, state, AT, None), line("e", AT)])
    )


def register(tx: Tx, worker: str, holding: tuple[tuple[str, int], ...] = ()) -> list[FlowRun]:
    """A worker says hello."""
    return claims.register(
        tx,
        POOL,
        worker_id=worker,
        name=f"name-of-{worker}",
        project=NAMESPACE.project,
        pool="default",
        capacity=50,
        version="1",
        holding=holding,
    )


def claim(tx: Tx, key: str, slots: int, worker: str = "w1") -> list[Job]:
    """Up to `slots` jobs."""
    return claims.claim(
        tx, POOL, worker_id=worker, key=key, slots=slots, lease_seconds=LEASE, mint=lambda text: f"tn_run_{text}"
    )


def executor(run_id: str, attempt: int = 1) -> Principal:
    """Whom a run token stands for."""
    return Principal(kind="run", name=run_id, scope=run_id, project=NAMESPACE.project, attempt=attempt)


def ship(tx: Tx, run_id: str, first: int, lines: list[bytes], stream: int = 0) -> int:
    """Lines of a run's first attempt."""
    return ingest.ship(tx, executor(run_id), run_id, 1, stream, first, lines)


def ship_script(tx: Tx, run_id: str, first: int, lines: list[bytes]) -> int:
    """Lines of a script's journal."""
    return ingest.ship_script(tx, LOCAL, run_id, 0, first, lines, json.loads(script_lines(run_id)[0]))


def journal(run: FlowRun) -> list[bytes]:
    """The header, and the beginning of a flow with one task."""
    header = {"protocol": PROTOCOL, "run": run.id, "attempt": 1, "stream": 0, "flow": run.flow_name, "at": AT}
    task = ["c", 1, 0, "task", "work#0", "work", AT, "pending", None]
    return [
        json.dumps(header).encode(),
        line("s", 0, "running", AT, None),
        line(*task),
        line("s", 1, "running", AT, None),
    ]


def script_lines(run_id: str) -> list[bytes]:
    """A whole journal of a script."""
    header = {
        "protocol": PROTOCOL,
        "run": run_id,
        "attempt": 1,
        "stream": 0,
        "pid": 7,
        "flow": "hello",
        "run_name": "brisk-wren",
        "at": AT,
        "parameters": {},
        "tags": ["tried"],
        "entrypoint": "hello.py:hello",
        "project": None,
        "trigger": "script",
    }
    return [
        json.dumps(header).encode(),
        line("s", 0, "running", AT, None),
        line("l", 0, AT, 20, "turnout.flow", "hello"),
        line("s", 0, "completed", AT, None),
        line("e", AT),
    ]


def line(*entry: Any) -> bytes:
    """A journal entry."""
    return json.dumps(entry).encode()


Act = Callable[[Store, Runs], Any]
