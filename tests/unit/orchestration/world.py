"""A control plane on a real SQLite file with a clock that stands still until a test moves it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from turnout.core.jobs import Heartbeat, Job
from turnout.core.journal import PROTOCOL
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, HistoryEntry, Namespace, Page, Principal, RunFilter
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.core.states import RunState
from turnout.orchestration import claims, ingest, releases, runs
from turnout.store import Store, open_store

T = TypeVar("T")
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
FIELD = Namespace(project="field")
ANN = Principal(kind="admin", name="ann")
POOL = Principal(kind="worker", name="field/default", scope="field/default")
LEASE = 30.0


class Clock:
    """Time as a test wants it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def advance(self, **how_long: float) -> None:
        self.time += timedelta(**how_long)


class Hints:
    """Every hint that was sent."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def notify(self, topic: str) -> None:
        self.topics.append(topic)


def deployment(name: str, **fields: Any) -> DeploymentSpec:
    """A deployment of a flow of the same name."""
    return DeploymentSpec(name=name, flow_name=name.replace("-", "_"), entrypoint=f"flows/{name}.py:run", **fields)


def project(*specs: DeploymentSpec, **fields: Any) -> Snapshot:
    """What the project `field` declares."""
    return Snapshot(project="field", deployments={spec.name: spec for spec in specs}, **fields)


def line(*entry: Any) -> bytes:
    """A journal entry."""
    return json.dumps(entry).encode()


class World:
    """What people, workers and engines do, in a word each."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.hints = Hints()
        self.folder = folder
        self.store: Store = open_store(folder, clock=self.clock, hints=self.hints, threaded=False)
        self._keys = 0

    def write(self, fn: Callable[[Tx], T]) -> T:
        return self.store.write(fn)

    def read(self, fn: Callable[[Tx], T]) -> T:
        return self.store.read(fn)

    def deploy(self, *specs: DeploymentSpec, **fields: Any) -> Mapping[str, Any]:
        """Apply a project that consists of these deployments."""
        return self.apply(project(*specs, **fields))

    def apply(self, wanted: Snapshot, **options: Any) -> Mapping[str, Any]:
        options.setdefault("bundle", None)
        return self.write(lambda tx: releases.apply_release(tx, wanted, by=ANN, **options))

    def trigger(self, name: str, **options: Any) -> FlowRun:
        return self.write(lambda tx: runs.create(tx, FIELD, name, trigger="manual", by=ANN, **options))

    def run(self, run: FlowRun | str) -> FlowRun:
        found = self.read(lambda tx: tx.runs.get(run if isinstance(run, str) else run.id))
        assert found is not None
        return found

    def runs_of(self, name: str, *states: RunState) -> list[FlowRun]:
        """Runs of a deployment, oldest first."""
        return self.read(lambda tx: list(_every(tx, RunFilter(deployment=name, states=states))))[::-1]

    def history(self, run: FlowRun) -> list[HistoryEntry]:
        return self.read(lambda tx: tx.runs.history(run.id))

    def states(self, run: FlowRun) -> list[str]:
        return [entry.state.value for entry in self.history(run)]

    def register(
        self,
        worker: str = "w1",
        capacity: int = 10,
        holding: Iterable[tuple[str, int]] = (),
        pool: str = "default",
        lease_seconds: float = LEASE,
        session: str = "",
    ) -> list[FlowRun]:
        return self.write(
            lambda tx: claims.register(
                tx,
                POOL,
                worker_id=worker,
                name=f"name-of-{worker}",
                project="field",
                pool=pool,
                capacity=capacity,
                version="1",
                holding=holding,
                lease_seconds=lease_seconds,
                session=session,
            )
        )

    def claim(
        self, slots: int = 10, key: str | None = None, worker: str = "w1", session: str = "", number: int = 0
    ) -> list[Job]:
        self._keys += 1
        used = key or f"key-{self._keys}"
        return self.write(
            lambda tx: claims.claim(
                tx,
                POOL,
                worker_id=worker,
                key=used,
                slots=slots,
                lease_seconds=LEASE,
                mint=self._mint,
                session=session,
                number=number,
            )
        )

    def claim_one(self) -> Job:
        self.register()
        [job] = self.claim(1)
        return job

    def heartbeat(self, job: Job) -> Heartbeat:
        return self.write(lambda tx: claims.heartbeat(tx, token_of(job), job.run.id, job.run.attempt, LEASE))

    def report(self, job: Job, event: Literal["lost", "cancelled", "failed"], reason: str = "why") -> FlowRun:
        return self.write(lambda tx: claims.report(tx, token_of(job), job.run.id, job.run.attempt, event, reason))

    def ship(
        self, job: Job, lines: Sequence[bytes], *, first: int = 0, stream: int = 0, by: Principal | None = None
    ) -> int:
        who = by or token_of(job)
        return self.write(lambda tx: ingest.ship(tx, who, job.run.id, job.run.attempt, stream, first, lines))

    def say(self, job: Job, *entries: tuple[Any, ...], by: Principal | None = None) -> int:
        """Append entries to the flow's journal; the header comes first if nothing was shipped yet."""
        acked = self.read(lambda tx: tx.journal.acked(job.run.id, job.run.attempt, 0))
        lines = [line(*entry) for entry in entries]
        if acked < 0:
            lines.insert(0, self.header(job))
        return self.ship(job, lines, first=acked + 1, by=by)

    def header(self, job: Job) -> bytes:
        header = {"protocol": PROTOCOL, "run": job.run.id, "attempt": job.run.attempt, "stream": 0, "pid": 7}
        return json.dumps({**header, "flow": job.run.flow_name, "at": self.seconds, "trigger": "manual"}).encode()

    @property
    def seconds(self) -> float:
        return self.clock.time.timestamp()

    def start(self, job: Job) -> None:
        self.say(job, ("s", 0, "running", self.seconds, None))

    def complete(self, job: Job) -> None:
        self.say(job, ("s", 0, "completed", self.seconds, None), ("e", self.seconds))

    def fail(self, job: Job, reason: str = "ValueError: no") -> None:
        self.say(job, ("s", 0, "failed", self.seconds, {"reason": reason}), ("e", self.seconds))

    def execute(self, name: str) -> FlowRun:
        """Run a deployment from trigger to completion."""
        run = self.trigger(name)
        self.register()
        [job] = [job for job in self.claim() if job.run.id == run.id]
        self.start(job)
        self.complete(job)
        return self.run(run)

    @staticmethod
    def _mint(text: str) -> str:
        return f"tn_run_{text}"


def token_of(job: Job) -> Principal:
    """Whom a job's run token stands for."""
    return Principal(kind="run", name=job.run.id, scope=job.run.id, project=job.run.project, attempt=job.run.attempt)


def _every(tx: Tx, where: RunFilter) -> Iterator[FlowRun]:
    """Page by page, newest first."""
    after: str | None = None
    while page := tx.runs.find(where, Page(limit=200, after=after)):
        yield from page
        after = page[-1].id
