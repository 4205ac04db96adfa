"""What pages and commands ask of runs, logs and production, and the answers; see `bodies`."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from turnout.core.views import BulkAction, RunRow
from turnout.server.bodies import FilterQuery, NamespaceQuery, Number, Positive, Query, Seconds, Text


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


class TrialBody(Query, frozen=True, kw_only=True):
    """Nothing yet: a connection is tried as it is deployed."""


class SavedViewBody(Query, frozen=True, kw_only=True):
    """A view of the list of runs; `query` is that of the list's address, from its question mark on."""

    name: Text
    query: str


class SavedViewChange(Query, frozen=True, kw_only=True):
    """What is to be different."""

    name: Text | None = None
    query: str | None = None


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

    action: BulkAction
    after: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None


class CountQuery(FilterQuery, frozen=True, kw_only=True):
    """Which runs are counted; with `action`, only those for which it can be done."""

    action: BulkAction | None = None


class RowsOfRuns(Struct, frozen=True, kw_only=True):
    """A page of runs; `next` is the `after` of the next page, null on the last. A page that took long to fill ends
    early, even with no items."""

    items: list[RunRow]
    next: str | None


class ChangesQuery(Query, frozen=True, kw_only=True):
    """Which earlier run to compare with; the newest that completed if left out."""

    base: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None
