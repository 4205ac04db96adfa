"""`core.ports.RunApi` in process: what a script's flow asks, of the store itself or of the server that holds it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any, TypeVar

from turnout.client.connecting import ca_file, find_server, token
from turnout.client.running import HttpRunApi, namespace
from turnout.core.errors import StoreLocked
from turnout.core.ports import Clock, RunApi, Store
from turnout.core.records import DeploymentStatus, EmittedEvent, FlowRun, Namespace, Principal, RunInput, StoredValue
from turnout.core.states import FINAL
from turnout.local.admin import LOCAL
from turnout.local.opening import open_own
from turnout.orchestration import answering, deployments, runs, slots, values
from turnout.orchestration.access import find_run
from turnout.orchestration.explain import explained
from turnout.services.spools import Spools
from turnout.settings import Settings, load
from turnout.store.clock import SystemClock

T = TypeVar("T")

LOCKED_SECONDS = 5.0
"""How long a store that another command has just now is waited for."""
MOST = 100
"""So many inputs are answered at once."""
LOOK_SECONDS = 0.2
"""How often something is looked at that is waited for without a server."""


def run_api(data_dir: str, project: str | None, environment: str) -> "FolderRunApi":
    """What a flow of `project` asks of the control plane of a data folder. Raises ConfigurationError."""
    return FolderRunApi(load(environ={**os.environ, "TURNOUT_DATA": data_dir}), namespace(project, environment))


class StoreRunApi:
    """Over an open store: each call is one transaction, and none waits."""

    def __init__(self, store: Store, namespace: Namespace, principal: Principal = LOCAL) -> None:
        self._store = store
        self.namespace = namespace
        self._principal = principal

    def trigger(
        self,
        deployment: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        tags: Iterable[str] = (),
        name: str | None = None,
    ) -> FlowRun:
        tags = tuple(tags)
        return self._store.write(
            lambda tx: runs.create(
                tx,
                self.namespace,
                deployment,
                trigger="manual",
                by=self._principal,
                parameters=parameters,
                due_at=due_at,
                tags=tags,
                idempotency_key=idempotency_key,
                name=name,
                shared_key=True,
            )
        )

    def run(self, run_id: str, *, wait: float = 0) -> FlowRun:
        return self._store.read(lambda tx: explained(tx, [find_run(tx, run_id)])[0])

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        return self._store.write(lambda tx: answering.answer(tx, run_id, self._principal, value))

    def send(self, run_id: str, key: str, value: Any, sender: str | None = None) -> None:
        who = sender or str(self._principal)
        self._store.write(lambda tx: answering.send(tx, run_id, key, value, who))

    def told(self, run_id: str, prefix: str, *, after: int = 0, wait: float = 0) -> list[RunInput]:
        return self._store.read(lambda tx: list(tx.inputs.told(find_run(tx, run_id).id, prefix, after, MOST)))

    def value(self, kind: str, name: str) -> StoredValue | None:
        return self._store.read(lambda tx: values.get(tx, self.namespace, kind, name))

    def values(self, kind: str) -> list[StoredValue]:
        return self._store.read(lambda tx: values.list_values(tx, self.namespace, kind))

    def put_value(
        self, kind: str, name: str, content: Any, *, tags: Sequence[str] = (), replace: bool = False
    ) -> StoredValue:
        return self._store.write(
            lambda tx: values.put(tx, self.namespace, kind, name, content, self._principal, tags=tags, replace=replace)
        )

    def remove_value(self, kind: str, name: str) -> bool:
        return self._store.write(lambda tx: values.remove(tx, self.namespace, kind, name, self._principal))

    def emit(self, event: EmittedEvent) -> bool:
        return self._store.write(lambda tx: values.emit(tx, self.namespace, event, self._principal))

    def deployments(self) -> list[DeploymentStatus]:
        return self._store.read(lambda tx: deployments.statuses(tx, self.namespace))

    def acquire_slot(
        self, run_id: str, attempt: int, limit: str, holder: str, *, weight: int = 1, wait: float = 0
    ) -> bool:
        return self._store.write(
            lambda tx: slots.acquire(tx, self._principal, run_id, attempt, limit, holder, weight, wait)
        ).held

    def release_slot(self, run_id: str, attempt: int, limit: str, holder: str) -> None:
        self._store.write(lambda tx: slots.release(tx, self._principal, run_id, attempt, limit, holder))


class FolderRunApi:
    """Over a data folder: each call goes to the server that has it, else opens the store for its own time."""

    def __init__(self, settings: Settings, namespace: Namespace, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self.namespace = namespace
        self._clock = clock or SystemClock()
        self._http: tuple[str, HttpRunApi] | None = None
        self._spools = Spools(settings.data_dir, running=False)

    def close(self) -> None:
        """Close the connections to a server."""
        if self._http is not None:
            self._http[1].close()
            self._http = None

    def trigger(
        self,
        deployment: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        tags: Iterable[str] = (),
        name: str | None = None,
    ) -> FlowRun:
        return self._ask(
            lambda api: api.trigger(
                deployment, parameters=parameters, due_at=due_at, idempotency_key=idempotency_key, tags=tags, name=name
            )
        )

    def run(self, run_id: str, *, wait: float = 0) -> FlowRun:
        return self._until(wait, lambda left: lambda api: api.run(run_id, wait=left), lambda run: run.state in FINAL)

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        return self._ask(lambda api: api.answer(run_id, value))

    def send(self, run_id: str, key: str, value: Any, sender: str | None = None) -> None:
        self._ask(lambda api: api.send(run_id, key, value, sender))

    def told(self, run_id: str, prefix: str, *, after: int = 0, wait: float = 0) -> list[RunInput]:
        def ask(left: float) -> Callable[[RunApi], list[RunInput]]:
            return lambda api: api.told(run_id, prefix, after=after, wait=left)

        return self._until(wait, ask, bool)

    def value(self, kind: str, name: str) -> StoredValue | None:
        return self._ask(lambda api: api.value(kind, name))

    def values(self, kind: str) -> list[StoredValue]:
        return self._ask(lambda api: api.values(kind))

    def put_value(
        self, kind: str, name: str, content: Any, *, tags: Sequence[str] = (), replace: bool = False
    ) -> StoredValue:
        return self._ask(lambda api: api.put_value(kind, name, content, tags=tags, replace=replace))

    def remove_value(self, kind: str, name: str) -> bool:
        return self._ask(lambda api: api.remove_value(kind, name))

    def emit(self, event: EmittedEvent) -> bool:
        return self._ask(lambda api: api.emit(event))

    def deployments(self) -> list[DeploymentStatus]:
        return self._ask(lambda api: api.deployments())

    def acquire_slot(
        self, run_id: str, attempt: int, limit: str, holder: str, *, weight: int = 1, wait: float = 0
    ) -> bool:
        def ask(left: float) -> Callable[[RunApi], bool]:
            return lambda api: api.acquire_slot(run_id, attempt, limit, holder, weight=weight, wait=left)

        return self._until(wait, ask, bool)

    def release_slot(self, run_id: str, attempt: int, limit: str, holder: str) -> None:
        self._ask(lambda api: api.release_slot(run_id, attempt, limit, holder))

    def _until(self, wait: float, ask: Callable[[float], Callable[[RunApi], T]], enough: Callable[[T], bool]) -> T:
        """Ask again until the answer is enough or the time is up; the store is free between two questions."""
        end = self._clock.monotonic() + wait
        while True:
            left = max(end - self._clock.monotonic(), 0.0)
            found = self._ask(ask(left))
            if enough(found) or self._clock.monotonic() >= end:
                return found
            Event().wait(min(LOOK_SECONDS, left))

    def _ask(self, question: Callable[[RunApi], T]) -> T:
        end = self._clock.monotonic() + LOCKED_SECONDS
        while True:
            try:
                with self._holder() as api:
                    return question(api)
            except StoreLocked:
                # A server that is just starting, or a command that is over in a moment.
                if self._clock.monotonic() >= end:
                    raise
                Event().wait(LOOK_SECONDS)

    @contextmanager
    def _holder(self) -> Iterator[RunApi]:
        url = find_server(self._settings)
        if url is not None:
            yield self._server(url)
            return
        store = open_own(self._settings)
        try:
            # Who holds the store takes in what scripts left meanwhile: a script that ended holds no place of a limit.
            self._spools.drain(store)
            yield StoreRunApi(store, self.namespace)
        finally:
            store.close()

    def _server(self, url: str) -> HttpRunApi:
        if self._http is None or self._http[0] != url:
            self.close()
            admin = token(self._settings, "admin.token")
            self._http = url, HttpRunApi(url, admin, self.namespace, ca_file=ca_file(self._settings))
        return self._http[1]
