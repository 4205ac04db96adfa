"""`core.ports.WorkApi` over HTTP: what a worker and its supervisors ask. Every call here may be repeated safely."""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import httpx
import msgspec

from turnout.client.wire import Query, Wire
from turnout.core.errors import ServerUnreachable, TurnoutError
from turnout.core.jobs import Heartbeat, Job
from turnout.core.journal import PROTOCOL

WORK = "/api/v1/work"


class _Jobs(msgspec.Struct):
    jobs: list[Job]


class _Acked(msgspec.Struct):
    acked: int


class _Slot(msgspec.Struct):
    held: bool


class HttpWorkApi(Wire):
    """A worker's calls carry its pool token, a run's calls the run token or the pool's. Threads may share it.

    A server that answers 500 and more (its database is away, or it has a fault) is as good as away: it is asked again.
    """

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
        """Say hello."""
        body = {
            "worker_id": worker_id,
            "name": name,
            "project": project,
            "pool": pool,
            "capacity": capacity,
            "version": _version(),
            "protocol": PROTOCOL,
            "holding": list(holding),
            "session": session,
        }
        return self.post(f"{WORK}/register", body, dict[str, Any], repeat=True)

    def claim(
        self, *, worker_id: str, key: str, slots: int, wait: float, session: str = "", number: int = 0
    ) -> list[Job]:
        """Up to `slots` jobs."""
        body = {
            "worker_id": worker_id,
            "key": key,
            "slots": slots,
            "wait": wait,
            "session": session,
            "number": number,
        }
        return self.post(f"{WORK}/claim", body, _Jobs, wait=wait, repeat=True).jobs

    def bundle(self, digest: str) -> bytes:
        """A code bundle."""
        return self.call("GET", f"{WORK}/bundles/{digest}", repeat=True, wait=270.0)

    def heartbeat(self, run_id: str, attempt: int, *, wait: float) -> Heartbeat:
        """Renew the lease."""
        body = {"attempt": attempt, "wait": wait}
        return self.post(f"{WORK}/runs/{run_id}/heartbeat", body, Heartbeat, wait=wait, repeat=True)

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
        """Store journal lines."""
        content = self.call(
            "POST",
            f"{WORK}/runs/{run_id}/journal",
            query={"attempt": attempt, "stream": stream, "first": first},
            content=lines,
            headers={"Content-Type": "application/x-ndjson"},
            repeat=True,
        )
        return self._decoded(content, _Acked).acked

    def report(self, run_id: str, attempt: int, event: Literal["lost", "cancelled", "failed"], reason: str) -> None:
        """How the attempt ended."""
        body = {"attempt": attempt, "event": event, "reason": reason}
        self.post(f"{WORK}/runs/{run_id}/report", body, dict[str, Any], repeat=True)

    def acquire_slot(
        self, run_id: str, attempt: int, limit: str, holder: str, *, weight: int = 1, wait: float = 0
    ) -> bool:
        """A slot of a named limit for a task; False if there is none yet."""
        body = {"attempt": attempt, "limit": limit, "holder": holder, "weight": weight, "wait": wait}
        return self.post(f"{WORK}/runs/{run_id}/slots", body, _Slot, wait=wait, repeat=True).held

    def release_slot(self, run_id: str, attempt: int, limit: str, holder: str) -> None:
        """Give it back."""
        query: Query = {"attempt": attempt, "limit": limit, "holder": holder}
        self.call("DELETE", f"{WORK}/runs/{run_id}/slots", query=query, repeat=True)

    def checkpoints(self, run_id: str, attempt: int) -> bytes:
        """Completed steps of earlier attempts."""
        query = {"attempt": attempt}
        return self.call("GET", f"{WORK}/runs/{run_id}/checkpoints", query=query, repeat=True, wait=60.0)

    def _refusal(self, response: httpx.Response) -> TurnoutError:
        error = super()._refusal(response)
        if response.status_code < 500:
            return error
        return ServerUnreachable(
            f"the server answered {response.status_code}: {error.what}", where=error.where, fix=error.fix
        )


def _version() -> str:
    try:
        return version("turnout")
    except PackageNotFoundError:
        return "unknown"
