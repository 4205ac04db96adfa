"""Every seam: what a layer may ask of another without knowing it.

`Store` and its transaction are implemented by `turnout.store` (SQLite, PostgreSQL); `AdminApi`, `WorkApi` and `RunApi`
by `turnout.client` (HTTP) and `turnout.local` (in process, same orchestration). Use cases in `turnout.orchestration`
are functions of a `Tx`. All methods are synchronous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    # The records behind these signatures cost tens of milliseconds to create: a script that ends must not pay for them.
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from turnout.core.inventory import Credential
    from turnout.core.queueing import Limit, LimitKey, Occupied, Waiter
    from turnout.core.records import (
        Duty,
        FlowRun,
        Holder,
        Namespace,
        Page,
        Pause,
        Release,
        ScheduleRow,
        Turn,
        Uptime,
        Worker,
    )
    from turnout.core.snapshot import DeploymentSpec, Snapshot

from turnout.core.admin_ports import AdminApi as AdminApi  # noqa: PLC0414 - handed on
from turnout.core.record_ports import Ingested as Ingested  # noqa: PLC0414 - handed on
from turnout.core.record_ports import Journal as Journal  # noqa: PLC0414 - handed on
from turnout.core.record_ports import Runs as Runs  # noqa: PLC0414 - handed on
from turnout.core.run_ports import Events as Events  # noqa: PLC0414 - handed on
from turnout.core.run_ports import Inputs as Inputs  # noqa: PLC0414 - handed on
from turnout.core.run_ports import RunApi as RunApi  # noqa: PLC0414 - handed on
from turnout.core.run_ports import Values as Values  # noqa: PLC0414 - handed on
from turnout.core.view_ports import Views as Views  # noqa: PLC0414 - handed on
from turnout.core.work_ports import WorkApi as WorkApi  # noqa: PLC0414 - handed on

T = TypeVar("T")


class Clock(Protocol):
    """The only source of time. `now` is aware UTC; `monotonic` is seconds for intervals."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class Hints(Protocol):
    """Wake-ups that may be lost without harm: the waiter's poll is the truth. Topics: `pool:<project>/<pool>`,
    `run:<id>` (its state or a command), `log:<id>` (its journal grew, or it is over), `limit:<project>/<environment>/
    <name>` (a slot was freed), `service:<name>`."""

    def notify(self, topic: str) -> None: ...


class Projects(Protocol):
    """Releases, deployments, schedules, variables of a namespace."""

    def names(self) -> list[Namespace]: ...
    def snapshot(self, namespace: Namespace) -> tuple[int, Snapshot] | None:
        """(release number, what is deployed); None before the first apply."""
        ...

    def write_release(self, release: Release, snapshot: Snapshot) -> None: ...
    def releases(self, namespace: Namespace, page: Page) -> list[Release]: ...
    def release(self, namespace: Namespace, number: int) -> tuple[Release, Snapshot] | None:
        """A release and what it declared."""
        ...

    def put_deployment(self, namespace: Namespace, spec: DeploymentSpec, release: Release) -> None: ...
    def remove_deployment(self, namespace: Namespace, name: str) -> None: ...
    def rename_deployment(self, namespace: Namespace, name: str, new: str) -> None:
        """Everything that was `name` is `new`: the deployment with its last automatic start, its schedules, its pauses
        and all its runs, waiting ones in their lanes. No deployment is called `new`; runs that one of that name left
        behind become runs of no occurrence. Limits and what they hold are `Limits.declare`'s."""
        ...

    def deployment(self, namespace: Namespace, name: str) -> tuple[DeploymentSpec, Release] | None: ...
    def deployments(self, namespace: Namespace) -> list[tuple[DeploymentSpec, Release]]: ...
    def since(self, namespace: Namespace) -> Mapping[str, Release]:
        """deployment -> the release from which on it was declared as it is; absent where retention removed that."""
        ...

    def dependents(self, namespace: Namespace, name: str) -> list[str]:
        """Deployments whose `after` names `name`."""
        ...

    def last_automatic_start(self, namespace: Namespace, name: str) -> datetime | None: ...
    def set_last_automatic_start(self, namespace: Namespace, name: str, at: datetime) -> None: ...
    def due_schedules(self, limit: int) -> list[ScheduleRow]:
        """Rows with next_due at or before the transaction's now, in unpaused deployments."""
        ...

    def next_schedule_due(self) -> datetime | None: ...
    def put_schedule(self, row: ScheduleRow) -> None: ...
    def schedules(self, namespace: Namespace, deployment: str) -> list[ScheduleRow]: ...
    def all_schedules(self, namespace: Namespace) -> list[ScheduleRow]:
        """Those of all deployments, by deployment and slug."""
        ...

    def remove_schedule(self, namespace: Namespace, deployment: str, slug: str) -> None: ...
    def pause(self, namespace: Namespace, pause: Pause) -> None:
        """Remember what a person paused; an earlier pause of the same thing stays as it is."""
        ...

    def ending_pauses(self, limit: int) -> list[tuple[Namespace, Pause]]:
        """Pauses of all namespaces that end by themselves, the next one first."""
        ...

    def unpause(self, namespace: Namespace, deployment: str, schedule: str | None) -> bool:
        """Forget it; False if there was none."""
        ...

    def pauses(self, namespace: Namespace) -> list[Pause]: ...


class Limits(Protocol):
    """What bounds runs, who holds it, who waits for it. Occupancy is counted from slots whose attempt is the run's and
    is active, never stored."""

    def declare(self, namespace: Namespace, limits: Iterable[Limit]) -> list[LimitKey]:
        """Make these the limits of a namespace, all others of it gone with their slots; the keys of those that are new
        or differ."""
        ...

    def declared(self, namespace: Namespace) -> list[Limit]: ...
    def tags(self, namespace: Namespace) -> frozenset[str]:
        """The tags that limits of a namespace bind runs by."""
        ...

    def occupied(self, project: str) -> list[Occupied]:
        """Every limit of a project as it is used now."""
        ...

    def waiters(self, project: str) -> list[Waiter]:
        """Tasks that wait for a named limit and whose run goes on, in the order in which they are let through."""
        ...

    def take(self, run: FlowRun, key: LimitKey, weight: int, holder: str = "", at: datetime | None = None) -> bool:
        """Hold a slot from now, or as of `at`; False if this attempt's holder has it already: then it may only become
        heavier, because a limit that was raised has room for more of its weight. Checks nothing."""
        ...

    def of_run(self, run_id: str) -> list[tuple[LimitKey, str, int, bool]]:
        """(limit, holder, attempt, held or only waited for) of a run and its tasks."""
        ...

    def release(self, run_id: str) -> list[LimitKey]:
        """Let go of everything that a run and its tasks hold or wait for; the limits that were held."""
        ...

    def release_one(self, run: FlowRun, name: str, holder: str) -> bool:
        """Let go of a task's slot of a named limit, and of its place in line; False if it held none."""
        ...

    def wait(self, run: FlowRun, name: str, holder: str, weight: int, until: datetime) -> None:
        """A task waits for a named limit until then; asking again keeps its place."""
        ...

    def stop_waiting(self, run: FlowRun, name: str, holder: str) -> None: ...
    def next_at(self, project: str, key: LimitKey) -> datetime | None:
        """When a rate lets the next one through; None if it was never used."""
        ...

    def let_through(self, project: str, key: LimitKey, next_at: datetime) -> None:
        """Somebody was let through: the next one not before `next_at`."""
        ...

    def holders(self, project: str, key: LimitKey, count: int) -> list[Holder]:
        """At most `count` of those who hold a limit, the longest first."""
        ...


class Workers(Protocol):
    """Workers, their pools and credentials."""

    def put(self, worker: Worker) -> None: ...
    def seen(self, worker_id: str) -> None: ...
    def get(self, worker_id: str) -> Worker | None: ...
    def all(self) -> list[Worker]: ...
    def last_seen(self, project: str, pool: str) -> datetime | None: ...
    def turn(self, worker_id: str) -> Turn:
        """The newest request that was answered; an empty one for a worker that is not known."""
        ...

    def put_turn(self, worker_id: str, turn: Turn) -> None: ...


class Credentials(Protocol):
    """Hashed tokens and sessions. Hashes are SHA-256 hex of 256-bit random secrets."""

    def put(self, token_hash: str, kind: str, name: str, scope: str | None, expires_at: datetime | None) -> None: ...
    def issue(
        self, folder: str, file: str, token_hash: str, kind: str, name: str, scope: str | None, expires_at: datetime
    ) -> None:
        """`put` the token that a file of a data folder holds; the one it held before is gone."""
        ...

    def get(self, token_hash: str) -> tuple[str, str, str | None] | None:
        """(kind, name, scope) of an unexpired credential."""
        ...

    def take(self, token_hash: str) -> tuple[str, str, str | None] | None:
        """Like `get`, and the credential is gone: for one-time login links."""
        ...

    def remove(self, token_hash: str) -> None: ...
    def all(self, limit: int) -> list[Credential]:
        """At most `limit` of those that have not expired, the newest first."""
        ...

    def revoke(self, credential_id: str) -> bool:
        """Forget the credential with this `Credential.id`; False if there is none."""
        ...


class Outbox(Protocol):
    """Events written with their transition, delivered at least once, in order of `seq`."""

    def after(self, seq: int, limit: int) -> list[Mapping[str, Any]]: ...
    def last(self) -> int:
        """The highest `seq` so far, 0 before the first event."""
        ...


class Idempotency(Protocol):
    """Answers already given: (principal, key) -> response body."""

    def get(self, principal: str, key: str) -> bytes | None: ...
    def put(self, principal: str, key: str, answer: bytes) -> None: ...


class Duties(Protocol):
    """What any server of a database may do for all of them, and when one last did."""

    def last(self, name: str) -> Duty | None: ...
    def done(self, name: str, uptime: Uptime | None = None) -> None:
        """A server does it at the transaction's now, and at its machine's `uptime`."""
        ...


class Bundles(Protocol):
    """Code bundles by digest: SHA-256 of the archive."""

    def has(self, digest: str) -> bool: ...
    def put(self, digest: str, content: bytes) -> None: ...
    def get(self, digest: str) -> bytes | None: ...


class Retention(Protocol):
    """Removes what has been kept long enough, at most `limit` at a time; each says how many it removed, 0 once there
    is nothing left. What is not over, or still referred to (`core.retention`), is never touched."""

    def remove_runs(self, ended_before: datetime, limit: int) -> int:
        """Runs with their history; their tasks, logs and artifacts follow by `remove_remains`."""
        ...

    def remove_chosen(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of a portion of runs that are over, of whom nobody may still tell (`core.retention.SETTLING`), and that
        are neither the last nor the last completed run of a deployment. Which they are; the rest as `remove_runs`."""
        ...

    def remove_remains(self, limit: int) -> int: ...
    def remove_logs(self, ended_before: datetime, limit: int) -> int: ...
    def remove_artifacts(self, ended_before: datetime, limit: int) -> int: ...
    def remove_events(self, before: datetime, limit: int) -> int: ...
    def remove_emitted(self, before: datetime, limit: int) -> int: ...
    def remove_releases(self, replaced_before: datetime, limit: int) -> int:
        """Releases, and bundles that no release has."""
        ...

    def remove_expired(self) -> int:
        """Idempotency keys and credentials."""
        ...


class Tx(Protocol):
    """One transaction. `now` is the database's clock, read once. Nothing is visible to others before it commits."""

    now: datetime
    runs: Runs
    journal: Journal
    projects: Projects
    workers: Workers
    credentials: Credentials
    outbox: Outbox
    idempotency: Idempotency
    bundles: Bundles
    retention: Retention
    duties: Duties
    limits: Limits
    inputs: Inputs
    values: Values
    events: Events
    views: Views

    def new_id(self) -> str:
        """A fresh UUIDv7 from the injected clock and randomness."""
        ...

    def after_commit(self, hint: str) -> None:
        """Ask that `Hints.notify(hint)` be called once the transaction has committed."""
        ...


class Store(Protocol):
    """The database. `fn` may run more than once (serialisation failures), so it touches nothing but its Tx."""

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in a write transaction; returns after COMMIT. Raises what `fn` raised, having rolled back."""
        ...

    def submit(self, fn: Callable[[Tx], T]) -> Future[T]:
        """`write` without waiting: the future resolves after COMMIT. Writes are grouped into one commit."""
        ...

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` on a read-only snapshot."""
        ...

    def close(self) -> None: ...
