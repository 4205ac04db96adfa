"""The seam of what people and commands ask of the control plane; part of `turnout.core.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from turnout.core.inventory import ConnectionStatus, ConnectionTrial, ReleaseDetail
    from turnout.core.overrides import Override, OverrideKind, OverrideOutcome
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
        Question,
        Release,
        RunFilter,
        TaskRun,
        Worker,
    )
    from turnout.core.snapshot import Snapshot
    from turnout.core.source import Source, SourceReport
    from turnout.core.views import BulkAction, BulkOutcome, RunCount


class AdminApi(Protocol):
    """What people and tools ask of a control plane: the CLI, `turnout.testing`, scripts. Errors are `core.errors`."""

    def runs(self, where: RunFilter, page: Page) -> list[FlowRun]: ...
    def count_runs(self, where: RunFilter, action: BulkAction | None = None) -> RunCount:
        """How many match, up to a cap; with an action, only those for which it can be done."""
        ...

    def act_on_runs(self, where: RunFilter, action: BulkAction, after: str | None = None) -> BulkOutcome:
        """Do it to a portion of what matches, newest first; asked again with `after` until `next` is None."""
        ...

    def run(self, run_id: str) -> FlowRun: ...
    def history(self, run_id: str) -> list[HistoryEntry]: ...
    def tasks(self, run_id: str, page: Page, attempt: int | None = None) -> list[TaskRun]: ...
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
        """Lines after `cursor` and the next cursor; waits up to `wait` seconds for news; the cursor is None once the
        run is final and everything was read. arrival: see `Journal.logs`; a cursor is good for one order."""
        ...

    def artifacts(self, run_id: str) -> list[Artifact]: ...
    def cancel(self, run_id: str, reason: str | None = None) -> FlowRun: ...
    def question(self, run_id: str) -> Question | None:
        """What a paused run waits for."""
        ...

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        """Let a paused run go on, with what its form asks for. Raises Conflict if it is not paused, ParameterError."""
        ...

    def retry(
        self,
        run_id: str,
        *,
        from_failure: bool = True,
        parameters: Mapping[str, Any] | None = None,
        newest: bool = False,
    ) -> FlowRun:
        """Open a new attempt of a final run; with `from_failure`, completed steps with stored results are reused.
        parameters: those it has from now on. newest: with the code that is deployed now, else at its own commit; raises
        Conflict when that code is not kept any more."""
        ...

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
    ) -> FlowRun: ...
    def deployments(self, namespace: Namespace | None = None) -> list[DeploymentStatus]: ...
    def deployment(self, name: str, namespace: Namespace) -> DeploymentStatus: ...
    def events(self, namespace: Namespace, *, after: int = 0, prefix: str = "", limit: int = 50) -> list[EmittedEvent]:
        """What was told to have happened, in the order of its coming."""
        ...

    def workers(self) -> list[Worker]: ...
    def connections(self, namespace: Namespace) -> list[ConnectionStatus]: ...
    def test_connection(self, namespace: Namespace, name: str) -> ConnectionTrial:
        """Whether a connection can be used on the control plane's machine. Raises NotFound."""
        ...

    def limits(self, namespace: Namespace | None = None) -> list[LimitStatus]:
        """Every limit with who holds it and how many wait."""
        ...

    def pause(
        self,
        deployment: str,
        namespace: Namespace,
        schedule: str | None,
        reason: str | None = None,
        until: datetime | None = None,
    ) -> Pause:
        """Once this returns, nothing of the schedule, or with None of the deployment, starts; until then, if given.
        Raises NotFound, ParameterError."""
        ...

    def resume(self, deployment: str, namespace: Namespace, schedule: str | None) -> bool:
        """Let it go on as its catch-up policy says; False if it was not paused. Raises NotFound, Conflict."""
        ...

    def pauses(self, namespace: Namespace) -> list[Pause]: ...
    def drift(self, namespace: Namespace) -> list[OverrideOutcome]:
        """What people changed on the server, and what the repository says instead."""
        ...

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
        """Let a parameter (`key`) of deployment `name`, or a declared variable, have another value than in the
        repository. Raises NotFound, ParameterError."""
        ...

    def drop_override(self, namespace: Namespace, kind: OverrideKind, name: str, key: str | None) -> bool:
        """Let the repository's value hold again; False if it did."""
        ...

    def releases(self, namespace: Namespace, page: Page) -> list[Release]: ...
    def release(self, namespace: Namespace, number: int) -> ReleaseDetail:
        """A release and what it changed. Raises NotFound."""
        ...

    def source(self, *, asked: int | None = None, wait: float = 0) -> Source:
        """The repository that is followed; waits up to `wait` seconds while the count of news is `asked`."""
        ...

    def report_source(self, report: SourceReport) -> Source:
        """A follower's word."""
        ...

    def take_source(self, holder: str) -> bool:
        """Be the one that follows, for a minute; False while another is."""
        ...

    def snapshot(self, namespace: Namespace) -> tuple[int, Snapshot] | None: ...
    def plan_rollback(self, namespace: Namespace, number: int | None) -> Mapping[str, Any]:
        """What going back to a release (None: the one before the newest) would change: {"release", "plan"}. Raises
        NotFound, Conflict."""
        ...

    def rollback(
        self, namespace: Namespace, number: int | None, *, expected_release: int | None = None
    ) -> Mapping[str, Any]:
        """Go back to it, as a new release in one transaction; what `apply` answers. Raises NotFound, Conflict."""
        ...

    def plan(self, wanted: Snapshot) -> Mapping[str, Any]:
        """The difference between `wanted` and what is deployed, with pending runs and next runs: a JSON-able
        `operations.Plan`."""
        ...

    def has_bundle(self, digest: str) -> bool:
        """Whether it need not be uploaded."""
        ...

    def put_bundle(self, digest: str, content: bytes) -> None: ...
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
        """Make the server equal `wanted` in one transaction; {"release": N or unchanged, "changes": [...],
        "overrides": [...]}. Raises Conflict, which tells what changed, if the deployed release is not
        `expected_release` (0: none), or other overrides hold than `expected_overrides` (when given)."""
        ...
