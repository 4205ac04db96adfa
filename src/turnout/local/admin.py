"""AdminApi in process, and the way to open it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

from turnout.core.errors import Conflict, TooLarge
from turnout.core.inventory import ConnectionStatus, ConnectionTrial, ReleaseDetail
from turnout.core.limits import BUNDLE_BYTES
from turnout.core.overrides import Override, OverrideKind, OverrideOutcome
from turnout.core.plain import to_plain
from turnout.core.ports import Clock, Store, Tx
from turnout.core.records import (
    Artifact,
    DeploymentStatus,
    EmittedEvent,
    FlowRun,
    HistoryEntry,
    LimitStatus,
    LogLine,
    Namespace,
    Page,
    Pause,
    Principal,
    Question,
    Release,
    RunFilter,
    TaskRun,
    Worker,
)
from turnout.core.snapshot import Snapshot
from turnout.core.source import Source, SourceReport
from turnout.core.views import BulkAction, BulkOutcome, RunCount
from turnout.local.opening import open_own
from turnout.orchestration import (
    answering,
    bulk,
    deployments,
    overrides,
    pausing,
    places,
    releases,
    rerun,
    rollback,
    runs,
    source,
)
from turnout.orchestration.access import find_run
from turnout.orchestration.explain import explained
from turnout.orchestration.holding import limit_statuses
from turnout.orchestration.logs import read_logs
from turnout.orchestration.workers import list_workers
from turnout.services.spools import Spools
from turnout.settings import Settings
from turnout.sql.trial import try_connection
from turnout.store.clock import SystemClock

LOCAL = Principal(kind="local", name=f"uid-{os.getuid()}" if hasattr(os, "getuid") else "local")

NEWS_SECONDS = 0.2
"""How often a script's journal is looked at while somebody follows its log."""


@contextmanager
def open_local(settings: Settings) -> Iterator["LocalAdminApi"]:
    """The project's own store, for as long as the context lasts; scripts' journals are stored first.

    Raises StoreLocked while a server or another command has the data folder.
    """
    store = open_own(settings)
    try:
        spools = Spools(settings.data_dir)
        spools.drain(store)
        yield LocalAdminApi(store, refresh=lambda: spools.drain(store), folder=Path(settings.data_dir))
    finally:
        store.close()


class LocalAdminApi:
    """Implements `core.ports.AdminApi`: each call is one transaction."""

    def __init__(
        self,
        store: Store,
        principal: Principal = LOCAL,
        *,
        clock: Clock | None = None,
        refresh: Callable[[], None] = lambda: None,
        folder: Path = Path(),
    ) -> None:
        """refresh: store what scripts have written meanwhile; called while somebody waits for news. folder: what the
        paths of databases start from."""
        self._folder = folder
        self._store = store
        self._principal = principal
        self._clock = clock or SystemClock()
        self._refresh = refresh

    def runs(self, where: RunFilter, page: Page) -> list[FlowRun]:
        return self._store.read(lambda tx: explained(tx, tx.runs.find(where, page)))

    def count_runs(self, where: RunFilter, action: BulkAction | None = None) -> RunCount:
        return self._store.read(lambda tx: bulk.count(tx, where, action))

    def act_on_runs(self, where: RunFilter, action: BulkAction, after: str | None = None) -> BulkOutcome:
        return self._store.write(lambda tx: bulk.act(tx, where, action, after, self._principal))

    def run(self, run_id: str) -> FlowRun:
        return self._store.read(lambda tx: explained(tx, [find_run(tx, run_id)])[0])

    def history(self, run_id: str) -> list[HistoryEntry]:
        return self._store.read(lambda tx: tx.runs.history(find_run(tx, run_id).id))

    def tasks(self, run_id: str, page: Page, attempt: int | None = None) -> list[TaskRun]:
        return self._store.read(lambda tx: tx.journal.tasks(find_run(tx, run_id).id, attempt, page))

    def logs(
        self,
        run_id: str,
        *,
        attempt: int | None = None,
        cursor: str | None = None,
        limit: int = 1000,
        wait: float = 0,
        arrival: bool = False,
    ) -> tuple[list[LogLine], str | None]:
        until = self._clock.monotonic() + wait
        while True:
            lines, following, _ = self._store.read(
                lambda tx: read_logs(tx, run_id, attempt, cursor, limit, arrival=arrival)
            )
            if lines or following is None or self._clock.monotonic() >= until:
                return lines, following
            Event().wait(NEWS_SECONDS)
            self._refresh()

    def artifacts(self, run_id: str) -> list[Artifact]:
        return self._store.read(lambda tx: tx.journal.artifacts(find_run(tx, run_id).id))

    def cancel(self, run_id: str, reason: str | None = None) -> FlowRun:
        return self._store.write(lambda tx: runs.cancel(tx, run_id, self._principal, reason))

    def question(self, run_id: str) -> Question | None:
        return self._store.read(lambda tx: answering.question(tx, run_id))

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        return self._store.write(lambda tx: answering.answer(tx, run_id, self._principal, value))

    def retry(
        self,
        run_id: str,
        *,
        from_failure: bool = True,
        parameters: Mapping[str, Any] | None = None,
        newest: bool = False,
    ) -> FlowRun:
        return self._store.write(
            lambda tx: rerun.rerun(
                tx, run_id, self._principal, from_failure=from_failure, parameters=parameters, newest=newest
            )
        )

    def trigger(
        self,
        deployment: str,
        *,
        namespace: Namespace,
        parameters: Mapping[str, Any] | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        tags: Iterable[str] = (),
        priority: int | None = None,
        name: str | None = None,
    ) -> FlowRun:
        def create(tx: Tx) -> FlowRun:
            run = runs.create(
                tx,
                namespace,
                deployment,
                trigger="manual",
                by=self._principal,
                parameters=parameters,
                due_at=due_at,
                tags=tags,
                priority=priority,
                idempotency_key=idempotency_key,
                name=name,
            )
            return explained(tx, [run])[0]

        return self._store.write(create)

    def deployments(self, namespace: Namespace | None = None) -> list[DeploymentStatus]:
        return self._store.read(lambda tx: deployments.statuses(tx, namespace))

    def deployment(self, name: str, namespace: Namespace) -> DeploymentStatus:
        return self._store.read(lambda tx: deployments.status(tx, namespace, name))

    def events(self, namespace: Namespace, *, after: int = 0, prefix: str = "", limit: int = 50) -> list[EmittedEvent]:
        return self._store.read(lambda tx: tx.events.after(namespace, after, prefix, limit))

    def workers(self) -> list[Worker]:
        return self._store.read(list_workers)

    def connections(self, namespace: Namespace) -> list[ConnectionStatus]:
        return self._store.read(lambda tx: places.connections(tx, namespace))

    def test_connection(self, namespace: Namespace, name: str) -> ConnectionTrial:
        spec = self._store.read(lambda tx: places.connection(tx, namespace, name))
        return try_connection(name, spec.type, spec.options, self._folder)

    def limits(self, namespace: Namespace | None = None) -> list[LimitStatus]:
        return self._store.read(lambda tx: limit_statuses(tx, namespace))

    def pause(
        self,
        deployment: str,
        namespace: Namespace,
        schedule: str | None,
        reason: str | None = None,
        until: datetime | None = None,
    ) -> Pause:
        return self._store.write(
            lambda tx: pausing.pause(tx, namespace, deployment, schedule, self._principal, reason, until)
        )

    def resume(self, deployment: str, namespace: Namespace, schedule: str | None) -> bool:
        return self._store.write(lambda tx: pausing.resume(tx, namespace, deployment, schedule, self._principal))

    def pauses(self, namespace: Namespace) -> list[Pause]:
        return self._store.read(lambda tx: tx.projects.pauses(namespace))

    def drift(self, namespace: Namespace) -> list[OverrideOutcome]:
        return list(self._store.read(lambda tx: overrides.drift(tx, namespace)))

    def override(
        self,
        namespace: Namespace,
        kind: OverrideKind,
        name: str,
        key: str | None,
        value: Any,
        *,
        reason: str | None = None,
        until: datetime | None = None,
    ) -> Override:
        return self._store.write(
            lambda tx: overrides.put(tx, namespace, kind, name, key, value, self._principal, reason=reason, until=until)
        )

    def drop_override(self, namespace: Namespace, kind: OverrideKind, name: str, key: str | None) -> bool:
        return self._store.write(lambda tx: overrides.remove(tx, namespace, kind, name, key))

    def releases(self, namespace: Namespace, page: Page) -> list[Release]:
        return self._store.read(lambda tx: tx.projects.releases(namespace, page))

    def release(self, namespace: Namespace, number: int) -> ReleaseDetail:
        return self._store.read(lambda tx: releases.release_detail(tx, namespace, number))

    def source(self, *, asked: int | None = None, wait: float = 0) -> Source:
        return self._store.read(source.source)  # whoever would tell news needs the store that is held here

    def report_source(self, report: SourceReport) -> Source:
        return self._store.write(lambda tx: source.report(tx, report, self._principal))

    def take_source(self, holder: str) -> bool:
        return self._store.write(lambda tx: source.take(tx, holder, self._principal))

    def snapshot(self, namespace: Namespace) -> tuple[int, Snapshot] | None:
        return self._store.read(lambda tx: tx.projects.snapshot(namespace))

    def plan_rollback(self, namespace: Namespace, number: int | None) -> Mapping[str, Any]:
        release, found = self._store.read(lambda tx: rollback.plan_rollback(tx, namespace, number))
        return {"release": to_plain(release), "plan": found.to_json()}

    def rollback(
        self, namespace: Namespace, number: int | None, *, expected_release: int | None = None
    ) -> Mapping[str, Any]:
        return self._store.write(
            lambda tx: rollback.rollback(tx, namespace, number, by=self._principal, expected_release=expected_release)
        )

    def plan(self, wanted: Snapshot) -> Mapping[str, Any]:
        return self._store.read(lambda tx: releases.plan(tx, wanted).to_json())

    def has_bundle(self, digest: str) -> bool:
        return self._store.read(lambda tx: tx.bundles.has(digest))

    def put_bundle(self, digest: str, content: bytes) -> None:
        check_bundle(digest, content)
        self._store.write(lambda tx: tx.bundles.put(digest, content))

    def apply(
        self,
        wanted: Snapshot,
        *,
        bundle: str | None,
        commit: str | None,
        author: str | None,
        message: str | None,
        expected_release: int | None = None,
        expected_overrides: Sequence[Mapping[str, Any]] | None = None,
        allow_removals: bool = False,
    ) -> Mapping[str, Any]:
        return self._store.write(
            lambda tx: releases.apply_release(
                tx,
                wanted,
                by=self._principal,
                bundle=bundle,
                commit=commit,
                author=author,
                message=message,
                expected_release=expected_release,
                expected_overrides=expected_overrides,
                allow_removals=allow_removals,
            )
        )


def check_bundle(digest: str, content: bytes) -> None:
    """Raises TooLarge, or Conflict when `content` is not what `digest` (SHA-256, hex) says."""
    if len(content) > BUNDLE_BYTES:
        raise TooLarge(f"a bundle has at most {BUNDLE_BYTES:,} bytes, this has {len(content):,}")
    if sha256(content).hexdigest() != digest:
        raise Conflict("the bundle arrived damaged: its digest differs", fix="upload it again")
