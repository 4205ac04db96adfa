"""The seams of what a running flow asks of the control plane; part of `turnout.core.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from turnout.core.records import (
        DeploymentStatus,
        EmittedEvent,
        FlowRun,
        Namespace,
        Question,
        RunInput,
        StoredValue,
    )


class Inputs(Protocol):
    """What paused runs wait for, and what runs are told."""

    def ask(self, run_id: str, question: Question) -> None: ...
    def question(self, run_id: str) -> Question | None: ...
    def settle(self, run_id: str) -> None:
        """It waits for nothing any more."""
        ...

    def overdue(self, limit: int) -> list[str]:
        """Ids of suspended runs whose question nobody answered in time."""
        ...

    def put(self, run_id: str, key: str, value: Any, sender: str | None) -> bool:
        """Tell a run something; False, and nothing written, if it was told something under that key."""
        ...

    def told(self, run_id: str, prefix: str, after: int, limit: int) -> Sequence[RunInput]:
        """What it was told under keys that begin with `prefix`, by number, from the one after `after` on."""
        ...


class Values(Protocol):
    """Values that are set at run time, by (namespace, kind, name)."""

    def get(self, namespace: Namespace, kind: str, name: str) -> StoredValue | None: ...
    def all(self, namespace: Namespace, kind: str) -> list[StoredValue]:
        """Those of a kind, by name."""
        ...

    def put(
        self, namespace: Namespace, kind: str, name: str, content: Any, tags: Sequence[str], by: str
    ) -> StoredValue: ...
    def remove(self, namespace: Namespace, kind: str, name: str) -> bool:
        """False if there was none."""
        ...

    def rename(self, namespace: Namespace, kind: str, name: str, new: str) -> None:
        """It is called `new`, in place of what was; when it was set and by whom stays."""
        ...


class Events(Protocol):
    """What flows and others told that happened."""

    def add(self, namespace: Namespace, event: EmittedEvent) -> bool:
        """Give it the next number; False, and nothing written, if its id is known."""
        ...

    def after(self, namespace: Namespace, seq: int, prefix: str, limit: int) -> list[EmittedEvent]:
        """Those above `seq` whose name begins with `prefix`, in order."""
        ...


class RunApi(Protocol):
    """What a running flow asks of the control plane, in its own project and environment: with the flow token of its
    attempt under a worker, else as whoever runs the script. Errors are `core.errors`; Fenced once the attempt is over.
    """

    @property
    def namespace(self) -> Namespace: ...

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

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        """Let a paused run go on. Raises Conflict, ParameterError."""
        ...

    def send(self, run_id: str, key: str, value: Any, sender: str | None = None) -> None:
        """Tell a run something; nothing happens if it was told under that key."""
        ...

    def told(self, run_id: str, prefix: str, *, after: int = 0, wait: float = 0) -> list[RunInput]:
        """What a run was told under keys that begin with `prefix`, waiting up to `wait` seconds for something."""
        ...

    def value(self, kind: str, name: str) -> StoredValue | None:
        """What was set at run time; None if nothing was."""
        ...

    def values(self, kind: str) -> list[StoredValue]: ...
    def put_value(
        self, kind: str, name: str, content: Any, *, tags: Sequence[str] = (), replace: bool = False
    ) -> StoredValue:
        """Raises Conflict for a name that is set, unless `replace`, and for a variable of the manifest."""
        ...

    def remove_value(self, kind: str, name: str) -> bool:
        """False if there was none."""
        ...

    def emit(self, event: EmittedEvent) -> bool:
        """Tell that something happened; False if it was told before."""
        ...
