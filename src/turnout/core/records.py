"""The values that travel: rows of the store, bodies of the API, answers of the client. Times are aware UTC.

Names follow `[a-z0-9][a-z0-9-]{0,62}`; ids are UUIDv7 in 32 hex digits (`core.ids`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from turnout.core.states import RunState

if TYPE_CHECKING:
    from dataclasses import dataclass, field
else:
    from turnout.core.values import dataclass, field

Trigger = Literal["schedule", "manual", "after", "script"]
OnCrash = Literal["stop", "resume"]
OnCollision = Literal["queue", "skip", "replace", "queue-latest"]


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """Where an object lives: identity is (project, environment, kind, name)."""

    project: str
    environment: str = "production"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a run is treated; copied from its deployment when the run is made, so that later releases don't reach it."""

    retries: int = 0
    retry_delay_seconds: float = 0.0
    own_retries: bool = True
    """Whether the decorator's retries hold; not where the manifest says `retries`, 0 included."""
    timeout_seconds: float | None = None
    on_crash: OnCrash = "stop"
    crash_limit: int = 20


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What `decide` may know of a run."""

    state: RunState
    attempt: int
    due: datetime
    failures: int
    crashes: int
    policy: Policy
    reason: str | None = None
    suspended: bool = False
    """Paused, and nobody executes it."""


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """What to execute; fixed when the run is made.

    entrypoint: `flows/van.py:update` or `sql/model.sql`, relative to the bundle's root.
    bundle: SHA-256 of the code bundle, None for scripts. commit: git SHA (with `+dirty.<digest>` when dirty).
    """

    entrypoint: str
    bundle: str | None = None
    commit: str | None = None
    release: int | None = None
    connection: str | None = None
    secrets: tuple[str, ...] = ()
    policy: Policy = Policy()


@dataclass(frozen=True, kw_only=True)
class FlowRun:
    """One run of a flow; `state` and its companions are those of the latest attempt."""

    id: str
    project: str
    environment: str
    deployment: str | None
    flow_name: str
    name: str
    state: RunState
    state_name: str
    reason: str | None
    state_at: datetime
    version: int
    attempt: int
    failures: int
    crashes: int
    trigger: Trigger
    created_by: str
    pool: str | None
    priority: int
    parameters: Mapping[str, Any]
    tags: tuple[str, ...]
    due_at: datetime
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    occurrence: datetime | None
    spec: RunSpec
    schedule: str | None = None
    """The slug of the schedule that made the run; (deployment, schedule, occurrence) is unique."""
    worker: str | None = None
    lease_until: datetime | None = None
    wait_reason: str | None = None
    """Why a run that has not started has not: computed when read, never stored."""

    @property
    def occurrence_key(self) -> tuple[object, ...] | None:
        """What no two runs share; None for a run that no occurrence made."""
        key = (self.project, self.environment, self.deployment, self.schedule, self.occurrence)
        return None if None in key else key

    @property
    def facts(self) -> RunFacts:
        """The part of the run that `decide` looks at."""
        return RunFacts(
            state=self.state,
            attempt=self.attempt,
            due=self.due_at,
            failures=self.failures,
            crashes=self.crashes,
            policy=self.spec.policy,
            reason=self.reason,
            suspended=self.suspended,
        )

    @property
    def suspended(self) -> bool:
        """Whether it is paused and nobody executes it: letting it go on takes a new attempt."""
        return self.state == RunState.PAUSED and self.worker is None


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One committed transition of a flow run; `version` has no gaps."""

    version: int
    attempt: int
    state: RunState
    name: str
    reason: str | None
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class TaskRun:
    """A task, or an in-process subflow, of one attempt of a flow run.

    number: unique within (flow run, attempt); 0 is the flow itself and never appears here.
    key: the step's identity across attempts, e.g. `load#0` or `subflow#0/load#2`.
    timeline: every transition as (state, name, Unix seconds), in order.
    result: {"inline": typed JSON} | {"ref", "format", "digest", "size"} | {"unstored": why} | None while unfinished.
    """

    run_id: str
    attempt: int
    number: int
    parent: int
    kind: Literal["task", "flow"]
    key: str
    name: str
    state: RunState
    state_name: str
    reason: str | None
    tries: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    upstream: tuple[int, ...]
    tags: tuple[str, ...]
    timeline: tuple[tuple[str, str, float], ...]
    result: Mapping[str, Any] | None

    @property
    def id(self) -> str:
        """The task run's id on the API."""
        return f"{self.run_id}-{self.attempt}-{self.number}"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One log line. (attempt, stream, seq) orders and identifies it; `number` is the task's, 0 for the flow."""

    attempt: int
    stream: int
    seq: int
    number: int
    at: float
    level: int
    logger: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """Something to look at that a run made: kind markdown | table | link | image | progress; data by kind."""

    run_id: str
    attempt: int
    number: int
    key: str
    kind: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A worker and when it was last heard of."""

    id: str
    name: str
    pool: str
    project: str
    version: str
    capacity: int
    started_at: datetime
    seen_at: datetime
    lease_seconds: float = 30.0
    """The lease that it was told when it registered: for so long it may be silent."""
    state: Literal["online", "offline"] = "online"
    """Computed when read: offline once it was not heard of for a lease."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A scheduled run, as far as it decides in which lane of the queue it waits; lane None: it is held back."""

    id: str
    pool: str | None
    environment: str
    deployment: str | None
    tags: tuple[str, ...]
    lane: str | None
    schedule: str | None
    attempt: int
    occurrence: datetime | None
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a slot of a limit: a run, or a task of it (`holder`, its key)."""

    run_id: str
    run_name: str
    deployment: str | None
    holder: str
    weight: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class LimitStatus:
    """A limit as it is used now. held: the weights taken; waiting: runs that are due and tasks that wait for it.

    next_at: when its rate lets the next one through, if that is not at once. line: the first of those that wait, in
    order; their `since` is from when on.
    """

    project: str
    environment: str
    kind: Literal["deployment", "pool", "limit"]
    name: str
    concurrency: int | None
    rate: str | None
    held: int
    holders: tuple[Holder, ...]
    waiting: int
    next_at: datetime | None
    line: tuple[Holder, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pause:
    """What a person paused on the server: a schedule, or with `schedule` None the whole deployment; until: when it goes
    on by itself."""

    deployment: str
    schedule: str | None
    at: datetime
    by: str
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a paused run waits for. key: of the pause, the same in every attempt. form: the JSON Schema of the answer,
    None for a plain go-ahead. until: when it is not waited for any more."""

    key: str
    form: Mapping[str, Any] | None
    description: str | None
    asked_at: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """Something that a run was told; `number` counts within the run, `key` tells one thing from another."""

    number: int
    key: str
    value: Any
    sender: str | None
    at: datetime


OVERRIDE = "override"
"""The kind under which `orchestration.overrides` keeps what holds instead of the repository's values."""


@dataclass(frozen=True, kw_only=True)
class StoredValue:
    """A value that was set at run time. kind: `variable`, or `block.<type>`; content: plain JSON, without secrets."""

    kind: str
    name: str
    content: Any
    tags: tuple[str, ...]
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, kw_only=True)
class EmittedEvent:
    """Something that a flow, or a person's tool, told that happened. id: tells it from others, also when it is told
    again; resource: labels of what it is about. seq and received: given by the server, in the order of coming."""

    id: str
    event: str
    resource: Mapping[str, str]
    occurred: datetime
    related: Sequence[Mapping[str, str]] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    follows: str | None = None
    run_id: str | None = None
    seq: int = 0
    received: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The newest request of a worker that was answered: its registration opens a `session`, whose claims are numbered.

    past: the sessions before, the newest last."""

    session: str = ""
    number: int = 0
    past: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScheduleRow:
    """A schedule and how far it was followed.

    spec: a `snapshot.ScheduleSpec` as plain JSON. watermark: every occurrence up to here has been dealt with.
    next_due: when the scheduler looks at it next; None once it never fires again.
    """

    project: str
    environment: str
    deployment: str
    slug: str
    spec: Mapping[str, Any]
    watermark: datetime
    next_due: datetime | None
    paused: bool


@dataclass(frozen=True, kw_only=True)
class Uptime:
    """Seconds since a machine started, by a clock that nobody sets; comparable within one `boot`, which names it."""

    boot: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Duty:
    """When a duty of the servers was last done: by the database's clock, and by the uptime of who did it."""

    at: datetime
    uptime: Uptime | None = None


@dataclass(frozen=True, kw_only=True)
class DeploymentStatus:
    """A deployment as the server runs it now."""

    project: str
    environment: str
    name: str
    flow_name: str
    entrypoint: str
    description: str | None
    tags: tuple[str, ...]
    pool: str
    schedules: tuple[str, ...]
    """Human sentences, one a schedule."""
    next_runs: tuple[datetime, ...]
    last_run: FlowRun | None
    waiting: str | None
    """Why an `after` deployment has not started, if it waits."""
    parameter_schema: Mapping[str, Any]
    release: int
    commit: str | None
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class Release:
    """One applied state of a repository."""

    number: int
    project: str
    environment: str
    commit: str | None
    author: str | None
    message: str | None
    bundle: str | None
    applied_at: datetime
    applied_by: str
    summary: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Which runs; every given part must match, and nothing that a `not_` names. `text` matches name, flow,
    deployment."""

    project: str | None = None
    environment: str | None = None
    deployment: str | None = None
    flow_name: str | None = None
    states: tuple[RunState, ...] = ()
    tags: tuple[str, ...] = ()
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    not_states: tuple[RunState, ...] = ()
    not_tags: tuple[str, ...] = ()
    not_deployments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """Keyset paging, newest first: `after` is the id of the last row seen. At most `limits.PAGE_ROWS`."""

    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who acts. `scope`: the pool or run id of narrow tokens. run: the executor of an attempt; flow: the code that it
    runs, which may ask for less. deploy: continuous integration; its scope is `apply` or `plan`."""

    kind: Literal["admin", "deploy", "worker", "run", "flow", "session", "local", "system"]
    name: str
    scope: str | None = None
    project: str | None = None
    environment: str | None = None
    """Set for a flow and for a deploy: they may ask nothing of another."""
    attempt: int | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"
