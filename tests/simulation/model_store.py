"""A store in memory that implements `core.ports.Store`: what the databases must be indistinguishable from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.simulation.model_data import Data
from tests.simulation.model_inputs import Inputs
from tests.simulation.model_journal import Journal
from tests.simulation.model_limits import Limits
from tests.simulation.model_projects import Projects
from tests.simulation.model_runs import Runs
from tests.simulation.model_values import Events, Values
from tests.simulation.model_views import Views
from turnout.core import events, jobs, queueing, records
from turnout.core.errors import StoreUnavailable
from turnout.core.inventory import CREDENTIAL_ID, Credential
from turnout.core.ports import Clock, Hints
from turnout.core.records import Duty, Turn, Uptime, Worker
from turnout.core.values import replace
from turnout.store.clock import IdMaker

T = TypeVar("T")


class ModelStore:
    """One transaction after the other, on the caller's thread."""

    def __init__(self, clock: Clock, hints: Hints | None, randomness: Callable[[int], bytes]) -> None:
        self.data = Data()
        self._clock = clock
        self._hints = hints
        self._make_id = IdMaker(clock, randomness)
        self._open = True

    def write(self, fn: Callable[[Any], T]) -> T:
        if not self._open:
            raise StoreUnavailable("the store is closed")
        tx = Tx(self.data, self._clock.now(), self._make_id)
        value: T = self.data.transact(lambda: fn(tx))
        if self._hints is not None:
            for hint in tx.hints:
                self._hints.notify(hint)
        return value

    def submit(self, fn: Callable[[Any], T]) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(self.write(fn))
        except Exception as error:
            future.set_exception(error)
        return future

    def read(self, fn: Callable[[Any], T]) -> T:
        if not self._open:
            raise StoreUnavailable("the store is closed")
        return fn(Tx(self.data, self._clock.now(), self._make_id))

    def close(self) -> None:
        self._open = False


class Tx:
    """See `core.ports.Tx`."""

    def __init__(self, data: Data, now: datetime, make_id: Callable[[], str]) -> None:
        self.now = now
        self.hints: list[str] = []
        self.new_id = make_id
        self.data = data
        self.runs = Runs(data, now)
        self.journal = Journal(data, now)
        self.projects = Projects(data, now)

    def after_commit(self, hint: str) -> None:
        if hint not in self.hints:
            self.hints.append(hint)

    def __getattr__(self, name: str) -> Any:
        if name not in _OTHERS:
            raise AttributeError(name)
        made = _OTHERS[name](self.data, self.now)
        setattr(self, name, made)
        return made


class _Aggregate:
    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now


class Workers(_Aggregate):
    """See `core.ports.Workers`."""

    def put(self, worker: Worker) -> None:
        self._data.put(self._data.workers, worker.id, replace(worker, state="online"))

    def seen(self, worker_id: str) -> None:
        worker = self._data.workers.get(worker_id)
        if worker is not None:
            self._data.put(self._data.workers, worker_id, replace(worker, seen_at=self._now))

    def get(self, worker_id: str) -> Worker | None:
        return self._data.workers.get(worker_id)

    def all(self) -> list[Worker]:
        return sorted(self._data.workers.values(), key=lambda worker: (-worker.seen_at.timestamp(), worker.id))

    def last_seen(self, project: str, pool: str) -> datetime | None:
        seen = [w.seen_at for w in self._data.workers.values() if (w.project, w.pool) == (project, pool)]
        return max(seen, default=None)

    def turn(self, worker_id: str) -> Turn:
        return self._data.turns.get(worker_id, Turn())

    def put_turn(self, worker_id: str, turn: Turn) -> None:
        if worker_id in self._data.workers:
            self._data.put(self._data.turns, worker_id, turn)


class Credentials(_Aggregate):
    """See `core.ports.Credentials`."""

    def put(self, token_hash: str, kind: str, name: str, scope: str | None, expires_at: datetime | None) -> None:
        known = self._data.credentials.get(token_hash)
        since = known[4] if known else self._now
        self._data.put(self._data.credentials, token_hash, (kind, name, scope, expires_at, since))

    def issue(
        self, folder: str, file: str, token_hash: str, kind: str, name: str, scope: str | None, expires_at: datetime
    ) -> None:
        before = self._data.issued.get((folder, file))
        if before is not None and before != token_hash:
            self.remove(before)
        self._data.put(self._data.issued, (folder, file), token_hash)
        self.put(token_hash, kind, name, scope, expires_at)

    def get(self, token_hash: str) -> tuple[str, str, str | None] | None:
        found = self._data.credentials.get(token_hash)
        if found is None or (found[3] is not None and found[3] <= self._now):
            return None
        kind, name, scope, _, _ = found
        return (kind, name, scope)

    def take(self, token_hash: str) -> tuple[str, str, str | None] | None:
        found = self.get(token_hash)
        self.remove(token_hash)
        return found

    def remove(self, token_hash: str) -> None:
        self._data.drop(self._data.credentials, token_hash)

    def all(self, limit: int) -> list[Credential]:
        found = [
            Credential(id=hashed[:CREDENTIAL_ID], kind=kind, name=name, scope=scope, created_at=at, expires_at=until)
            for hashed, (kind, name, scope, until, at) in self._data.credentials.items()
            if kind != "jti" and (until is None or until > self._now)
        ]
        return sorted(sorted(found, key=lambda one: one.id), key=lambda one: one.created_at, reverse=True)[:limit]

    def revoke(self, credential_id: str) -> bool:
        found = [hashed for hashed in self._data.credentials if hashed[:CREDENTIAL_ID] == credential_id]
        for hashed in found:
            self.remove(hashed)
        return bool(found)


class Outbox(_Aggregate):
    """See `core.ports.Outbox`."""

    def after(self, seq: int, limit: int) -> list[Mapping[str, Any]]:
        outbox = self._data.outbox
        return [outbox[number] for number in range(seq + 1, min(len(outbox), seq + limit) + 1)]

    def last(self) -> int:
        return len(self._data.outbox)


class Idempotency(_Aggregate):
    """See `core.ports.Idempotency`."""

    def get(self, principal: str, key: str) -> bytes | None:
        found = self._data.answers.get((principal, key))
        return None if found is None or found[1] <= self._now else found[0]

    def put(self, principal: str, key: str, answer: bytes) -> None:
        if self.get(principal, key) is None:
            self._data.put(self._data.answers, (principal, key), (answer, self._now + timedelta(hours=24)))


class Bundles(_Aggregate):
    """See `core.ports.Bundles`."""

    def has(self, digest: str) -> bool:
        return digest in self._data.bundles

    def put(self, digest: str, content: bytes) -> None:
        if digest not in self._data.bundles:
            self._data.put(self._data.bundles, digest, content)

    def get(self, digest: str) -> bytes | None:
        return self._data.bundles.get(digest)


class Duties(_Aggregate):
    """See `core.ports.Duties`."""

    def last(self, name: str) -> Duty | None:
        return self._data.duties.get(name)

    def done(self, name: str, uptime: Uptime | None = None) -> None:
        self._data.put(self._data.duties, name, Duty(at=self._now, uptime=uptime))


for value in (
    events.Accept,
    events.Claimed,
    events.Started,
    events.Completed,
    jobs.Heartbeat,
    jobs.Job,
    queueing.Bounds,
    queueing.Head,
    queueing.Limit,
    queueing.Occupied,
    records.FlowRun,
    records.HistoryEntry,
    records.Principal,
    records.RunFacts,
    records.ScheduleRow,
    records.Worker,
):
    getattr(value, "__dataclass_fields__", None)  # compiles it: see core.values

_OTHERS: dict[str, Callable[[Data, datetime], Any]] = {
    "workers": Workers,
    "credentials": Credentials,
    "outbox": Outbox,
    "idempotency": Idempotency,
    "bundles": Bundles,
    "limits": Limits,
    "duties": Duties,
    "inputs": Inputs,
    "values": Values,
    "events": Events,
    "views": Views,
}
