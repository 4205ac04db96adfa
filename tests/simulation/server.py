"""A server process: the product's use cases behind calls, its services in their loops, nothing kept over a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.backends import Backend, Handle, SimulatedClock, StoreFaults
from tests.simulation.kernel import Kernel, Node, Signal
from tests.simulation.oracle import Oracle
from turnout.core.errors import NotFound, ServerUnreachable, StoreError, TurnoutError
from turnout.core.records import Namespace, Principal, Uptime
from turnout.core.states import FINAL, RunState
from turnout.core.tokens import run_token_hash
from turnout.orchestration import claims, ingest, releases, runs
from turnout.orchestration.queue import look
from turnout.services.loop import BACKOFF_FIRST, BACKOFF_MAXIMUM, PAUSE_MINIMUM
from turnout.services.outbox import OutboxRelay
from turnout.services.rescuer import Rescuer
from turnout.services.scheduler import Scheduler

LEASE = 30.0
SWEEP = 5.0
PROJECT = "field"
POOL = "default"
FIELD = Namespace(project=PROJECT)
POOL_TOKEN = Principal(kind="worker", name=f"{PROJECT}/{POOL}", scope=f"{PROJECT}/{POOL}")
HINT_LOSS = 0.3
_SLOW_POLL, _SLOWEST_POLL, _HEARTBEAT_POLL, _SOONEST = 0.5, 5.0, 5.0, 0.001


class Server:
    """`serve` answers calls; `start` begins its services."""

    def __init__(
        self, kernel: Kernel, name: str, backend: Backend, oracle: Oracle, faults: StoreFaults, skew: float = 0.0
    ) -> None:
        self.node = Node(name)
        self.clock = backend.clock if not skew else SimulatedClock(kernel, skew)
        self._kernel = kernel
        self._backend = backend
        self._oracle = oracle
        self._store = Handle(backend, self, faults)
        self._bells: dict[str, list[Signal]] = {}
        self._services: dict[str, Signal] = {}
        self.ticked: dict[str, float] = {}
        """When each service last did its duty without an error."""

    def start(self) -> None:
        self._backend.listeners.append(self)
        for service in self.services():
            signal = self._services[service.name] = self._kernel.signal()
            self._kernel.spawn(self.node, self._loop, service, signal)

    def services(self) -> list[Any]:
        """The duties, new: a restart remembers nothing."""
        return [Scheduler(), Rescuer(LEASE, SWEEP, self._uptime), OutboxRelay(self)]

    def _uptime(self) -> Uptime:
        return Uptime(boot=self.node.name, seconds=self._kernel.now)

    def stop(self) -> None:
        """kill -9."""
        if self in self._backend.listeners:
            self._backend.listeners.remove(self)
        self._kernel.kill(self.node)

    # -- hints

    def notify(self, topic: str) -> None:
        """What the outbox relay sends: for this server's own waiters."""
        self.hint(topic, own=True)

    def hint(self, topic: str, *, own: bool) -> None:
        if own:
            self._ring(topic)
        elif self._kernel.random.random() >= HINT_LOSS:
            self._kernel.at(0.01, self._ring, topic)

    def _ring(self, topic: str) -> None:
        service = self._services.get(topic.removeprefix("service:")) if topic.startswith("service:") else None
        for signal in [service] if service else self._bells.get(topic, ()):
            signal.ring()

    def _wait(self, topic: str, seconds: float) -> None:
        signal = self._kernel.signal()
        bells = self._bells.setdefault(topic, [])
        bells.append(signal)
        self._kernel.wait(signal, seconds)
        bells.remove(signal)

    # -- services

    def _loop(self, service: Any, signal: Signal) -> None:
        failures = 0
        while True:
            try:
                due = service.tick(self._store, self.clock.now())
            except Exception as error:
                if not isinstance(error, StoreError):
                    self._kernel.note(f"{self.node.name} service {service.name}: {error!r}")
                failures += 1
                self._kernel.wait(signal, min(BACKOFF_FIRST * 2.0 ** (failures - 1), BACKOFF_MAXIMUM))
                continue
            failures = 0
            self.ticked[service.name] = self._kernel.now
            self._oracle.served()
            longest = service.pause.total_seconds()
            wanted = longest if due is None else (due - self.clock.now()).total_seconds()
            self._kernel.wait(signal, min(max(wanted, PAUSE_MINIMUM), longest))

    # -- calls

    def serve(self, method: str, arguments: dict[str, Any], answer: Callable[[Any], None]) -> None:
        self._kernel.spawn(self.node, self._answer, method, arguments, answer)

    def _answer(self, method: str, arguments: dict[str, Any], answer: Callable[[Any], None]) -> None:
        try:
            value = getattr(self, f"_on_{method}")(**arguments)
        except StoreError as error:
            value = ServerUnreachable(f"503: {error.what}")
        except TurnoutError as error:
            value = error
        answer(value)

    def _on_register(self, **who: Any) -> None:
        def write(tx: Any) -> None:
            claims.register(tx, POOL_TOKEN, project=PROJECT, pool=POOL, version="1", **who)

        self._store.write(write)

    def _on_claim(self, worker_id: str, wait: float, **asked: Any) -> list[Any]:
        if self._store.read(lambda tx: tx.workers.get(worker_id)) is None:
            raise NotFound(f"worker {worker_id} is not registered")

        def write(tx: Any) -> list[Any]:
            return claims.claim(tx, POOL_TOKEN, worker_id=worker_id, lease_seconds=LEASE, mint=self._mint, **asked)

        until, pause = self._kernel.now + wait, _SLOW_POLL
        while True:
            jobs = self._store.write(write)
            if jobs or not self._found(until, pause):
                break
            pause = min(pause * 2, _SLOWEST_POLL)
        if not jobs:
            turn = asked["session"], asked["number"]
            self._store.write(lambda tx: claims.answered_with_nothing(tx, worker_id, *turn))
        return jobs

    def _found(self, until: float, pause: float) -> bool:
        """As the route does: wait until a run can start."""
        looked = False
        while self._kernel.now < until:
            found, now = self._store.read(lambda tx: (look(tx, PROJECT, POOL, 1), tx.now))
            if looked and found.run_ids:
                return True
            looked = True
            ahead = pause if found.next_at is None else (found.next_at - now).total_seconds()
            left = max(until - self._kernel.now, 0.0)
            self._wait(f"pool:{PROJECT}/{POOL}", min(pause, max(ahead, _SOONEST), left))
        return False

    def _on_heartbeat(self, run_id: str, attempt: int, token: str, wait: float) -> Any:
        def write(tx: Any) -> Any:
            found = self._oracle.attempt_of(run_id)
            beat = claims.heartbeat(tx, self._executor(tx, token), run_id, attempt, LEASE)
            self._oracle.accepted(run_id, attempt, found, "heartbeat")
            return beat

        def quiet(tx: Any) -> bool:
            run = tx.runs.get(run_id)
            return run is not None and run.attempt == attempt and run.state not in FINAL | {RunState.CANCELLING}

        def beat() -> Any:
            return self._store.write(write, lambda: self._oracle.renew(run_id, attempt))

        until = self._kernel.now + min(wait, LEASE / 2)
        answer = beat()
        while answer.command is None and self._kernel.now < until:
            self._wait(f"run:{run_id}", min(until - self._kernel.now, _HEARTBEAT_POLL))
            if not self._store.read(quiet):
                return beat()
        return answer

    def _on_ship(
        self, run_id: str, attempt: int, token: str | None, stream: int, first: int, lines: list[bytes]
    ) -> int:
        def write(tx: Any) -> int:
            found = self._oracle.attempt_of(run_id)
            who = POOL_TOKEN if token is None else self._executor(tx, token)
            acked = ingest.ship(tx, who, run_id, attempt, stream, first, lines)
            if token is not None:
                self._oracle.accepted(run_id, attempt, found, "journal")
            return acked

        return self._store.write(write)

    def _on_report(self, run_id: str, attempt: int, token: str | None, event: Any, reason: str) -> None:
        def write(tx: Any) -> None:
            who = POOL_TOKEN if token is None else self._executor(tx, token)
            claims.report(tx, who, run_id, attempt, event, reason)

        self._store.write(write)

    def _on_checkpoints(self, run_id: str, attempt: int, token: str) -> list[Any]:
        return self._store.read(lambda tx: claims.checkpoints(tx, self._executor(tx, token), run_id, attempt))

    def _on_trigger(self, deployment: str, key: str, by: Principal, delay: float = 0.0, **wanted: Any) -> Any:
        def write(tx: Any) -> Any:
            due: datetime | None = tx.now + timedelta(seconds=delay) if delay else None
            return runs.create(
                tx, FIELD, deployment, trigger="manual", by=by, idempotency_key=key, due_at=due, **wanted
            )

        return self._store.write(write)

    def _on_cancel(self, run_id: str, by: Principal) -> Any:
        return self._store.write(lambda tx: runs.cancel(tx, run_id, by))

    def _on_retry(self, run_id: str, by: Principal, from_failure: bool) -> Any:
        return self._store.write(lambda tx: runs.retry(tx, run_id, by, from_failure=from_failure))

    def _on_apply(self, snapshot: Any, by: Principal) -> Any:
        return self._store.write(
            lambda tx: releases.apply_release(tx, snapshot, by=by, bundle=None, allow_removals=True)
        )

    def _executor(self, tx: Any, token: str) -> Principal:
        found = tx.runs.token_holder(run_token_hash(token))
        if found is None:
            raise NotFound("no such token")
        run, attempt = found
        return Principal(kind="run", name=run.id, scope=run.id, project=run.project, attempt=attempt)

    @staticmethod
    def _mint(text: str) -> str:
        return f"tn_run_{text}"
