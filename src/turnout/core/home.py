"""What the first page shows: what needs attention, the last day, what comes next. Read together, never stored.

Times are aware UTC.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from turnout.core.states import RunState

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass

CauseKind = Literal["failed", "crashed", "late", "stuck", "asks", "worker", "source"]
"""asks: runs that wait for a person's answer. worker: no worker of a pool is there. source: the newest commit of the
followed branch changes nothing, or there is none to be had."""


class HourCount(NamedTuple):
    """Runs of a deployment that were due in one hour, in one state. hour: hours since 1970 UTC. newest: an id."""

    deployment: str
    hour: int
    state: RunState
    runs: int
    newest: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a person said of a cause: seen (until None: until it happens again), or leave it until then."""

    by: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class CauseRun:
    """A run that a cause shows."""

    id: str
    name: str
    deployment: str | None
    state: RunState
    state_name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One thing that needs attention, with all the runs it is the reason of.

    id: the same for the same kind and words, whichever numbers they hold. title: the reason's first line. count: how
    many runs; runs: the newest of each deployment, newest first, at most 50. since, latest: when the oldest and the
    newest came to be so. pool: of kind `worker`.
    """

    id: str
    kind: CauseKind
    title: str
    deployments: tuple[str, ...]
    count: int
    runs: tuple[CauseRun, ...]
    since: datetime
    latest: datetime
    pool: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, kw_only=True)
class NextUp:
    """The next run of a deployment's schedules."""

    deployment: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Home:
    """The first page. causes: those that nobody marked, the latest first; quiet: those that somebody did.

    hours: the last 24 h by deployment, of those runs that were made in it; complete: whether of all of them.
    deployments: every name; paused: of those, what is paused as a whole. states: state -> number of runs that are not
    over.
    """

    now: datetime
    causes: tuple[Cause, ...]
    quiet: tuple[Cause, ...]
    deployments: tuple[str, ...]
    paused: tuple[str, ...]
    hours: tuple[HourCount, ...]
    complete: bool
    next_up: tuple[NextUp, ...]
    states: dict[str, int]
    workers_online: int
