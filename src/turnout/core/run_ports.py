"""The seams of what a running flow asks of the control plane; part of `turnout.core.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from turnout.core.records import DeploymentStatus, FlowRun


class RunApi(Protocol):
    """What a running flow asks of the control plane, in its own project and environment: with the flow token of its
    attempt under a worker, else as whoever runs the script. Errors are `core.errors`; Fenced once the attempt is over.
    """

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
        """A new run of a deployment, `created_by` this flow's run and called `name`. Repeating the key, whichever run
        does it, repeats the answer."""
        ...

    def run(self, run_id: str, *, wait: float = 0) -> FlowRun:
        """The run as it is once it is over, or after `wait` seconds; a server answers sooner than a long wait."""
        ...

    def deployments(self) -> list[DeploymentStatus]: ...
    def acquire_slot(
        self, run_id: str, attempt: int, limit: str, holder: str, *, weight: int = 1, wait: float = 0
    ) -> bool:
        """See `WorkApi.acquire_slot`; for this flow's own run."""
        ...

    def release_slot(self, run_id: str, attempt: int, limit: str, holder: str) -> None: ...
