"""Bodies, queries and answers that are no `core` record: small structs that refuse names they do not know."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from turnout.core.jobs import Job
from turnout.core.limits import NAME_CHARACTERS, PAGE_ROWS
from turnout.core.records import FlowRun, LogLine, Question, StoredValue
from turnout.core.snapshot import Snapshot
from turnout.core.source import SourceState
from turnout.core.states import RunState
from turnout.core.views import RunRow

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS, pattern="^[a-z0-9][a-z0-9-]*$")]
Text = Annotated[str, Meta(max_length=1000)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Limit = Annotated[int, Meta(ge=1, le=PAGE_ROWS)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
Number = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Query(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A query string or body; what it does not name is refused."""


class NamespaceQuery(Query, frozen=True, kw_only=True):
    """Which project and environment."""

    project: Name
    environment: Name = "production"


class TriggerQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Where a run is to be started; with `explain`, the answer says why it waits, which takes a second look."""

    explain: bool = False


class MaybeNamespaceQuery(Query, frozen=True, kw_only=True):
    """Which project and environment; all of them without a project."""

    project: Name | None = None
    environment: Name = "production"


class FilterQuery(Query, frozen=True, kw_only=True):
    """Which runs: every condition must hold, and nothing that a `not_` names. `text` is looked for in the names of the
    run, its flow and its deployment."""

    project: Name | None = None
    environment: Name | None = None
    deployment: Name | None = None
    flow: Text | None = None
    state: tuple[RunState, ...] = ()
    tag: tuple[Text, ...] = ()
    text: Text | None = None
    since: datetime | None = None
    until: datetime | None = None
    not_state: tuple[RunState, ...] = ()
    not_tag: tuple[Text, ...] = ()
    not_deployment: tuple[Name, ...] = ()


class RunsQuery(FilterQuery, frozen=True, kw_only=True):
    """Which runs, newest first; `after` is the id of the last run seen."""

    limit: Limit = 50
    after: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None


class RunQuery(Query, frozen=True, kw_only=True):
    """`wait` is for how many seconds the answer may be held until the run is over."""

    wait: Seconds = 0


class SourceQuery(Query, frozen=True, kw_only=True):
    """`wait` is for how many seconds the answer may be held while the count of news is still `asked`."""

    asked: int | None = None
    wait: Seconds = 0


class FollowerBody(Query, frozen=True, kw_only=True):
    """Who would follow."""

    holder: Name


class SourceBody(Query, frozen=True, kw_only=True):
    """What a follower tells: `core.source.SourceReport`."""

    state: SourceState
    repository: str
    branch: str
    commit: str | None = None
    author: str | None = None
    message: str | None = None
    release: int | None = None
    project: str | None = None
    problems: tuple[str, ...] = ()


class TasksQuery(Query, frozen=True, kw_only=True):
    """Which tasks of a run, by number; `after` is the last number seen. Without `attempt`: of the latest
    attempt that has any."""

    attempt: Positive | None = None
    after: Number | None = None
    limit: Limit = 50


class LogsQuery(Query, frozen=True, kw_only=True):
    """Which log lines; `wait` is for how many seconds the answer may be held until there is news. In the order of their
    `arrival` nothing is missed that an earlier attempt tells late; else they come by attempt. A cursor is good for one
    order."""

    attempt: Positive | None = None
    arrival: bool = False
    cursor: Text | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    wait: Seconds = 0


class ReleasesQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which releases, newest first; `after` is the number of the last one seen."""

    limit: Limit = 50
    after: Number | None = None


class InventoryQuery(NamespaceQuery, frozen=True, kw_only=True):
    """What is in production, each with its newest `runs`."""

    runs: Annotated[int, Meta(ge=0, le=50)] = 20


class CodeQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which file of the deployed code; the deployment's own if left out."""

    path: Text | None = None


class CalendarQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which time, and by whose days."""

    start: datetime
    end: datetime
    timezone: Text = "UTC"


class MarkBody(Query, frozen=True, kw_only=True):
    """Until when a cause is left alone; null: until it shows again."""

    until: datetime | None = None


class LiveQuery(Query, frozen=True, kw_only=True):
    """The id of the last event seen."""

    after: Annotated[str, Meta(pattern="^[0-9]{1,18}$")] | None = None


class LoginQuery(Query, frozen=True, kw_only=True):
    """The one-time token of a login link."""

    token: Text | None = None


class JournalQuery(Query, frozen=True, kw_only=True):
    """Where the journal lines of the body belong; `first` is the number of the first."""

    attempt: Positive
    stream: Number
    first: Number


class AttemptQuery(Query, frozen=True, kw_only=True):
    """The attempt that asks."""

    attempt: Positive


class RunsAnswer(Struct, frozen=True, kw_only=True):
    """A page of runs; `next` is the `after` of the next page, null on the last. A page that took long to fill ends
    early, even with no items; `next` goes on from there."""

    items: list[FlowRun]
    next: str | None


class LogsAnswer(Struct, frozen=True, kw_only=True):
    """Log lines, and the cursor to ask for the next with; null once the run is over and everything was read. Lines of a
    worker that was cut off may arrive later: `position`, given back as the cursor, finds them."""

    items: list[LogLine]
    cursor: str | None
    position: str


class CancelBody(Query, frozen=True, kw_only=True):
    """Why the run is cancelled."""

    reason: Text | None = None


class RetryBody(Query, frozen=True, kw_only=True):
    """Whether completed steps with stored results are reused. parameters: all that the run has from now on, its own if
    left out. newest: with the code that is deployed now, else with its own."""

    from_failure: bool = True
    parameters: dict[str, Any] | None = None
    newest: bool = False


class AnswerBody(Query, frozen=True, kw_only=True):
    """What the form of a paused run asks for."""

    input: dict[str, Any] | None = None


class QuestionAnswer(Struct, frozen=True, kw_only=True):
    """What a run waits for, null if it is not paused."""

    question: Question | None


class SendBody(Query, frozen=True, kw_only=True):
    """What a run is told; it is told once under a key."""

    key: Annotated[str, Meta(min_length=1, max_length=200)]
    value: Any = None
    sender: Text | None = None


class ToldQuery(Query, frozen=True, kw_only=True):
    """What of that: under keys that begin with `prefix`, from the number after `after` on. `wait` is for how many
    seconds the answer may be held until there is some."""

    prefix: Annotated[str, Meta(max_length=200)] = ""
    after: Number = 0
    wait: Seconds = 0


class ValueBody(Query, frozen=True, kw_only=True):
    """What a value is set to; `replace`: also if it is set already."""

    content: Any
    tags: tuple[Text, ...] = ()
    replace: bool = False


class MaybeValue(Struct, frozen=True, kw_only=True):
    """A value, null if there is none."""

    value: StoredValue | None


class EventBody(Query, frozen=True, kw_only=True):
    """Something that happened; telling an id twice tells it once."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    event: Annotated[str, Meta(min_length=1, max_length=1024)]
    resource: dict[str, str]
    occurred: datetime
    related: tuple[dict[str, str], ...] = ()
    payload: dict[str, Any] = {}
    follows: Text | None = None


class EventsQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which events, in the order of their coming: above the number `after`, named with `prefix` at the beginning."""

    after: Number = 0
    prefix: Text = ""
    limit: Limit = 50


class TriggerBody(Query, frozen=True, kw_only=True):
    """What a run is started with."""

    parameters: dict[str, Any] | None = None
    due_at: datetime | None = None
    tags: tuple[Text, ...] = ()
    priority: Annotated[int, Meta(ge=-1000, le=1000)] | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class CheckBody(Query, frozen=True, kw_only=True):
    """Parameters that a run might be started with."""

    parameters: dict[str, Any] = {}


class PlanBody(Query, frozen=True, kw_only=True):
    """What should be deployed."""

    snapshot: Snapshot


class ApplyBody(Query, frozen=True, kw_only=True):
    """What should be deployed, with its code and where it comes from. Refused with `conflict`, which tells what
    changed, when the release deployed now is not `expected_release`, or other overrides hold than
    `expected_overrides`."""

    snapshot: Snapshot
    bundle: Digest | None = None
    commit: Text | None = None
    author: Text | None = None
    message: Annotated[str, Meta(max_length=10_000)] | None = None
    expected_release: Number | None = None
    expected_overrides: list[dict[str, Any]] | None = None
    allow_removals: bool = False


class IdentityBody(Query, frozen=True, kw_only=True):
    """The identity token of a GitHub workflow, and what it wants to deploy."""

    token: Annotated[str, Meta(max_length=16_384)] = ""
    project: Name = ""
    environment: Name = "production"


class DeployTokenAnswer(Struct, frozen=True, kw_only=True):
    """A bearer token. may: `apply`, or only `plan`."""

    token: str
    may: Literal["apply", "plan"]
    seconds: float


class RollbackQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which release to look back at; the one before the newest if left out."""

    number: Number | None = None


class RollbackBody(Query, frozen=True, kw_only=True):
    """Which release to go back to; the one before the newest if left out. Refused with `conflict` when the release
    deployed now is not `expected_release`."""

    number: Number | None = None
    expected_release: Number | None = None


class SnapshotAnswer(Struct, frozen=True, kw_only=True):
    """What is deployed; both null before the first apply."""

    release: int | None
    snapshot: Snapshot | None


class LoginLinkAnswer(Struct, frozen=True, kw_only=True):
    """A link that logs one browser in, once."""

    url: str
    seconds: float


class RegisterBody(Query, frozen=True, kw_only=True):
    """A worker says hello; `holding` are the (run, attempt) pairs that have a spool there."""

    worker_id: Text
    name: Text
    project: Name
    pool: Name
    capacity: Annotated[int, Meta(ge=0, le=10_000)]
    version: Text = ""
    protocol: int = 1
    holding: tuple[tuple[str, int], ...] = ()
    session: Text = ""


class ClaimBody(Query, frozen=True, kw_only=True):
    """Ask for up to `slots` jobs, waiting for the first; 0 only says that the worker is there.

    Repeating `key` repeats the answer. `session` is the registration's, `number` ascends with every new key: a copy of
    an older claim gets nothing.
    """

    worker_id: Text
    key: Text
    slots: Annotated[int, Meta(ge=0, le=1000)]
    wait: Seconds = 0
    session: Text = ""
    number: Annotated[int, Meta(ge=0)] = 0


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    """The jobs claimed."""

    jobs: list[Job]


class HeartbeatBody(Query, frozen=True, kw_only=True):
    """Renew the lease of an attempt; `wait` is for how long the answer may be held until there is a command."""

    attempt: Positive
    wait: Seconds = 0


class SlotBody(Query, frozen=True, kw_only=True):
    """A task (`holder`, its key within the run) wants `weight` of a named limit; `wait` is for how long the answer may
    be held until there is room."""

    attempt: Positive
    limit: Name
    holder: Annotated[str, Meta(min_length=1, max_length=200)]
    weight: Positive = 1
    wait: Seconds = 0


class SlotQuery(Query, frozen=True, kw_only=True):
    """Which task's slot of which limit."""

    attempt: Positive
    limit: Name
    holder: Annotated[str, Meta(min_length=1, max_length=200)]


class SlotAnswer(Struct, frozen=True, kw_only=True):
    """Whether the task has its slot; else what it waits for, and when a rate lets the next one through. It keeps its
    place in line when it asks again within ten seconds."""

    held: bool
    reason: str | None = None
    next_at: datetime | None = None


class PauseBody(Query, frozen=True, kw_only=True):
    """What to pause, null for the whole deployment, why, and until when (null: until it is resumed)."""

    schedule: Text | None = None
    reason: Text | None = None
    until: datetime | None = None


class ResumeBody(Query, frozen=True, kw_only=True):
    """What goes on, null for the whole deployment."""

    schedule: Text | None = None


class AckAnswer(Struct, frozen=True, kw_only=True):
    """The highest journal number stored."""

    acked: int


class ReportBody(Query, frozen=True, kw_only=True):
    """How an attempt ended, as its supervisor or worker saw it."""

    attempt: Positive
    event: Literal["lost", "cancelled", "failed"]
    reason: Annotated[str, Meta(max_length=10_000)]


class Health(Struct, frozen=True, kw_only=True):
    """Alive; nothing else is told to strangers."""

    ok: bool


Plan = Mapping[str, Any]
"""The difference between what is wanted and what is deployed."""


class OverviewQuery(Query, frozen=True, kw_only=True):
    """Which attempt's tasks and log; the latest's if left out."""

    attempt: Positive | None = None


class BarsQuery(Query, frozen=True, kw_only=True):
    """Which tasks of an attempt, by number above `after`; `upstream` also tells what each waited for."""

    attempt: Positive
    after: Number = 0
    limit: Annotated[int, Meta(ge=1, le=50_000)] = 20_000
    upstream: bool = False


class BarsAnswer(Struct, frozen=True, kw_only=True):
    """Tasks in columns: the n-th item of every list is one task. `name`, `state` and `key` count in `names`, `states`
    and `keys`; times are milliseconds after `origin` (Unix milliseconds), null where there is none yet. `next` is the
    `after` of the next portion, null on the last."""

    origin: int
    names: list[str]
    states: list[str]
    number: list[int]
    parent: list[int]
    name: list[int]
    state: list[int]
    tries: list[int]
    created: list[int]
    started: list[int | None]
    ended: list[int | None]
    flows: list[int]
    upstream: list[tuple[int, ...]]
    next: int | None


class RowsQuery(Query, frozen=True, kw_only=True):
    """Which rows of an attempt's log: `limit` from row `first` on. `wait` is for how many seconds the answer may be
    held until there are some."""

    attempt: Positive
    first: Number = 0
    limit: Annotated[int, Meta(ge=1, le=5_000)] = 1000
    wait: Seconds = 0


class RowsAnswer(Struct, frozen=True, kw_only=True):
    """Lines of a log in columns, from row `first` on: [stream, seq, task, Unix seconds, level, logger, message] each.
    size: how many rows there are now; over: no more are expected."""

    first: int
    size: int
    over: bool
    lines: list[tuple[int, int, int, float, int, str, str]]


class LogSearchQuery(Query, frozen=True, kw_only=True):
    """Which lines of an attempt's log, from row `first` on: with `text` in any case, of `level` or above, of `task`
    (its number; 0: the flow itself)."""

    attempt: Positive
    text: Text = ""
    level: Annotated[int, Meta(ge=-1000, le=1000)] | None = None
    task: Number | None = None
    first: Number = 0
    limit: Annotated[int, Meta(ge=1, le=5_000)] = 1000
    lines: bool = False


class LogSearchAnswer(Struct, frozen=True, kw_only=True):
    """The rows that match, in order; with `lines` asked for also what they say, as in the log's own answer. next: the
    `first` to go on from, null once the whole log was searched."""

    rows: list[int]
    lines: list[tuple[int, int, int, float, int, str, str]]
    next: int | None


class TextQuery(Query, frozen=True, kw_only=True):
    """Which attempt's log."""

    attempt: Positive


class BulkBody(FilterQuery, frozen=True, kw_only=True):
    """What to do with all runs that match and for which it can be done. `after` is the `next` of the answer before.
    `until` should be given: runs that are made meanwhile are left alone then."""

    action: Literal["cancel", "retry"]
    after: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None


class CountQuery(FilterQuery, frozen=True, kw_only=True):
    """Which runs are counted; with `action`, only those for which it can be done."""

    action: Literal["cancel", "retry"] | None = None


class RowsOfRuns(Struct, frozen=True, kw_only=True):
    """A page of runs; `next` is the `after` of the next page, null on the last. A page that took long to fill ends
    early, even with no items."""

    items: list[RunRow]
    next: str | None


class ChangesQuery(Query, frozen=True, kw_only=True):
    """Which earlier run to compare with; the newest that completed if left out."""

    base: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None
