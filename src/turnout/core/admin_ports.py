"""The seam of what people and commands ask of the control plane; part of `turnout.core.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

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


class AdminApi(Protocol):
    """What people and tools ask of a control plane: the CLI, `turnout.testing`, scripts. Errors are `core.errors`."""

    def runs(self, where: RunFilter, page: Page) -> list[FlowRun]: ...
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

    def retry(self, run_id: str, *, from_failure: bool = True) -> FlowRun:
        """Open a new attempt of a final run; with `from_failure`, completed steps with stored results are reused."""
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
    def limits(self, namespace: Namespace | None = None) -> list[LimitStatus]:
        """Every limit with who holds it and how many wait."""
        ...

    def pause(self, deployment: str, namespace: Namespace, schedule: str | None, reason: str | None = None) -> Pause:
        """Once this returns, nothing of the schedule, or with None of the deployment, starts. Raises NotFound."""
        ...

    def resume(self, deployment: str, namespace: Namespace, schedule: str | None) -> bool:
        """Let it go on as its catch-up policy says; False if it was not paused. Raises NotFound, Conflict."""
        ...

    def pauses(self, namespace: Namespace) -> list[Pause]: ...
    def releases(self, namespace: Namespace, page: Page) -> list[Release]: ...
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
        allow_removals: bool = False,
    ) -> Mapping[str, Any]:
        """Make the server equal `wanted` in one transaction; {"release": N or unchanged, "changes": [...]}. Raises
        Conflict if the deployed release is not `expected_release` (when given)."""
        ...
