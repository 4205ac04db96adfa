"""The seam between a worker and the control plane; part of `turnout.core.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from turnout.core.jobs import Heartbeat, Job


class WorkApi(Protocol):
    """What a worker and its supervisors ask. Worker calls carry the pool token, run calls the run token."""

    def register(
        self,
        *,
        worker_id: str,
        name: str,
        project: str,
        pool: str,
        capacity: int,
        holding: Sequence[tuple[str, int]],
        session: str = "",
    ) -> Mapping[str, Any]:
        """Say hello, naming the (run, attempt) pairs that have a spool here. Runs that the server thinks are pending
        here and that are not among them never started and are released. -> {"lease_seconds", "protocol"}.

        session: a fresh name that the claims to come carry, each with a higher number: a copy of a request that arrives
        after a newer one was answered is refused by it (Conflict), or gets no jobs."""
        ...

    def claim(
        self, *, worker_id: str, key: str, slots: int, wait: float, session: str = "", number: int = 0
    ) -> list[Job]:
        """Up to `slots` jobs, waiting up to `wait` seconds for the first. Repeating `key` repeats the answer."""
        ...

    def bundle(self, digest: str) -> bytes: ...
    def heartbeat(self, run_id: str, attempt: int, *, wait: float) -> Heartbeat:
        """Renew the lease; answers at once when there is a command, else after `wait` seconds. Raises Fenced."""
        ...

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
        """Store journal lines (raw, newline-ended); returns the highest stored number. Raises Fenced."""
        ...

    def report(self, run_id: str, attempt: int, event: Literal["lost", "cancelled", "failed"], reason: str) -> None:
        """The executor's end as its supervisor (or worker) saw it; idempotent, ignored once the attempt is final.
        `failed` is for timeouts (state name TimedOut)."""
        ...

    def acquire_slot(
        self, run_id: str, attempt: int, limit: str, holder: str, *, weight: int = 1, wait: float = 0
    ) -> bool:
        """A slot of a named limit for a task of the run (`holder`, its key), waiting in line for up to `wait` seconds;
        False if there is none yet: ask again soon to keep the place. Raises NotFound, Conflict, Fenced."""
        ...

    def release_slot(self, run_id: str, attempt: int, limit: str, holder: str) -> None:
        """Give a task's slot back, or leave the line."""
        ...

    def checkpoints(self, run_id: str, attempt: int) -> bytes:
        """Completed steps of earlier attempts, one JSON object a line."""
        ...
