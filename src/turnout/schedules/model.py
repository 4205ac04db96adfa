"""The three kinds of schedule, and calendars that take times out of them. Values only: `specs.parse` makes valid ones,
`instants` follows them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

HORIZON = timedelta(days=50 * 366)
"""How far ahead `next_occurrence` looks. Feb 29 on a given weekday can be 40 years away; nothing rarer is accepted."""

FIRST_INSTANT = datetime(2, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(9998, 1, 1, tzinfo=UTC)
"""Between these every instant has a local time in every zone; windows are cut to them."""

MONDAY = datetime.combine(date(2001, 1, 1), time())
"""A local time to count from where none is given: a Monday, the first of a month and a year, midnight."""


@dataclass(frozen=True, kw_only=True)
class Cron:
    """Five fields (minute hour day-of-month month day-of-week), read on the wall clock of `timezone`.

    `wildcard` is derived from the fields: see `cron.py`.
    """

    expression: str
    timezone: str
    wildcard: bool


@dataclass(frozen=True, kw_only=True)
class Interval:
    """`anchor`, and then every `every` of elapsed time. `timezone` is only for showing times."""

    every: timedelta
    anchor: datetime
    timezone: str


@dataclass(frozen=True, kw_only=True)
class RRule:
    """An RFC 5545 recurrence rule starting at `anchor` (aware UTC), read on the wall clock of `timezone`.

    `rule` is the text in capitals without COUNT and UNTIL, which became `count` (instants from the anchor on) and
    `until` (the last instant allowed, aware UTC).
    """

    rule: str
    anchor: datetime
    timezone: str
    count: int | None = None
    until: datetime | None = None


Simple = Cron | Interval | RRule


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """See `calendars.py`. days: first and last of each range, none for every day. windows: where each begins and ends,
    from midnight; none for the whole day."""

    name: str
    timezone: str
    days: tuple[tuple[date, date], ...] = ()
    windows: tuple[tuple[timedelta, timedelta], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sifted:
    """What is left of `schedule` where no calendar of `skip` holds, and one of `only` does, if there are any."""

    schedule: Simple
    skip: tuple[Calendar, ...] = ()
    only: tuple[Calendar, ...] = ()


Schedule = Simple | Sifted
