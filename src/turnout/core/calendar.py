"""A calendar of what schedules will start, as it is shown."""

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A run that a schedule makes or made at `at`. seconds: how long it usually takes, None where nobody knows."""

    at: datetime
    deployment: str
    schedule: str
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """A local day. hours: runs that start in each of its 24 hours. busy_seconds: how long its runs usually take,
    together. deployments: how many different ones."""

    date: date
    runs: int
    hours: tuple[int, ...]
    busy_seconds: float
    deployments: int


@dataclass(frozen=True, kw_only=True)
class Often:
    """A schedule that starts too often to be drawn one by one."""

    deployment: str
    schedule: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A limit that is asked for more than it has: `peak` at once where it has `capacity`, first at `at`, for `seconds`
    in all."""

    limit: str
    capacity: int
    peak: int
    at: datetime
    seconds: float


@dataclass(frozen=True, kw_only=True)
class OverlapShown:
    """A deployment's runs that are due before an earlier one of it is usually over."""

    deployment: str
    usual_seconds: float
    runs: int
    first: datetime


@dataclass(frozen=True, kw_only=True)
class ClockChangeShown:
    """A zone's clock goes forward (`seconds` above zero) or back; `runs` are due near it."""

    timezone: str
    at: datetime
    seconds: float
    runs: int


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """start < at <= end. days: those that have runs. expected: the runs in order, unless there are too many
    (`shortened`): then the first. often: schedules that are not counted. paused: deployment/schedule. unknown:
    deployments whose duration nobody knows, so that they load nothing."""

    start: datetime
    end: datetime
    timezone: str
    total: int
    days: tuple[CalendarDay, ...]
    expected: tuple[Expected, ...]
    shortened: bool
    often: tuple[Often, ...]
    paused: tuple[str, ...]
    unknown: tuple[str, ...]
    clashes: tuple[Clash, ...]
    overlaps: tuple[OverlapShown, ...]
    changes: tuple[ClockChangeShown, ...]
