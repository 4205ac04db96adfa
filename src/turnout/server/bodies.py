"""Bodies, queries and answers that are no `core` record: small structs that refuse names they do not know."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from turnout.core.limits import NAME_CHARACTERS, PAGE_ROWS
from turnout.core.records import FlowRun, LogLine, Question, StoredValue
from turnout.core.states import RunState

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


class LiveQuery(Query, frozen=True, kw_only=True):
    """The id of the last event seen."""

    after: Annotated[str, Meta(pattern="^[0-9]{1,18}$")] | None = None


class LoginQuery(Query, frozen=True, kw_only=True):
    """The one-time token of a login link."""

    token: Text | None = None


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


class LoginLinkAnswer(Struct, frozen=True, kw_only=True):
    """A link that logs one browser in, once."""

    url: str
    seconds: float


class PauseBody(Query, frozen=True, kw_only=True):
    """What to pause, null for the whole deployment, why, and until when (null: until it is resumed)."""

    schedule: Text | None = None
    reason: Text | None = None
    until: datetime | None = None


class ResumeBody(Query, frozen=True, kw_only=True):
    """What goes on, null for the whole deployment."""

    schedule: Text | None = None


class Health(Struct, frozen=True, kw_only=True):
    """Alive; nothing else is told to strangers."""

    ok: bool
