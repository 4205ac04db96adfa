"""Cron on a wall clock. cronsim reads the expression and tells which days match; the walk over them (thirty times
faster than its own, which goes by hours) and the mapping to instants are ours.

Two kinds, told apart by the minute and hour fields:

- *fixed-time*: every local time that matches fires once. In an overlap that is the first pass; in a gap it is the first
  instant after the gap, however long the gap (a whole day in Apia 2011). Times that meet there fire once.
- *wildcard*: a term of the minute or hour field spans the whole field (`*`, `*/15`, `0-23`), or the field's terms
  together do. Such a job follows elapsed time: it fires in every real minute whose local time matches, so in both
  passes of an overlap, and not at all for minutes that a gap removed.

Day-of-month and day-of-week both must match if either starts with `*`, otherwise one is enough (as in Debian's cron).
`L`, `LW`, `MON#2`, `5L` work. cronsim itself differs: it calls only a leading `*` wildcard and, given a zone, moves
gap times minute by minute.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError

from turnout.core.errors import ScheduleError
from turnout.schedules import zones
from turnout.schedules.model import LAST_INSTANT, MONDAY, Cron

_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = ("minute 0-59", "hour 0-23", "day of month 1-31", "month 1-12", "day of week 0-7 (0 and 7 are Sunday)")
_STEP_OVER_ONE = re.compile(r"(?<![\w*/-])(\w+)-\1/[1-9][0-9]*(?![\w/-])")
"""`5-5/2` is 5; cronsim reads it as `5/2`, every second one from 5 on."""
_LONGEST = 256
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_MONTH = timedelta(days=32)
"""From the first of any month, a day of the next."""
_YEARS = 50


def make(expression: object, timezone: str) -> Cron:
    """The schedule of a cron expression. ScheduleError if it cannot be read or would never fire."""
    text = _normal(expression)
    fields = text.split()
    if len(fields) != 5:
        raise ScheduleError(
            f"cron {zones.shown(text)} has {len(fields)} field{'s' * (len(fields) != 1)}, not five", fix=_fix(fields)
        )
    try:
        next(_walk(text, MONDAY))
    except StopIteration:
        raise _never(text) from None
    except (CronSimError, ValueError, AssertionError):
        raise _malformed(text, fields) from None
    wildcard = _spans(fields[0], 0, 59) or _spans(fields[1], 0, 23)
    return Cron(expression=text, timezone=timezone, wildcard=wildcard)


def instants(schedule: Cron, start: datetime) -> Iterator[datetime]:
    """Every occurrence after `start`, in order, for ever or until there is none for 50 years."""
    return _elapsed(schedule, start) if schedule.wildcard else _fixed(schedule, start)


def _fixed(schedule: Cron, start: datetime) -> Iterator[datetime]:
    place, last = zones.zone(schedule.timezone), start
    for shown_time in _walk(schedule.expression, zones.wall(place, start)):
        at = zones.first_instant(place, shown_time)
        if at > last:
            last = at
            yield at


def _elapsed(schedule: Cron, start: datetime) -> Iterator[datetime]:
    place, after = zones.zone(schedule.timezone), start
    floor = zones.wall(place, start)
    while after < LAST_INSTANT:
        change, offset = zones.steady_until(place, after), zones.offset(place, after)
        for shown_time in _walk(schedule.expression, floor):
            at = shown_time.replace(tzinfo=UTC) - offset
            if at >= change:
                break
            yield at
        else:
            return
        after = change
        floor = zones.wall(place, change) - _SECOND  # the first moment of the new offset may match


def _walk(expression: str, after: datetime) -> Iterator[datetime]:
    """Matching naive times after `after`; ends when there is none within 50 years or the calendar ends."""
    cron = _parsed(expression)
    hours, minutes = sorted(cron.hours), sorted(cron.minutes)
    first = after.date()
    for day in _days(cron, first):
        for hour in hours:
            if day == first and hour < after.hour:
                continue
            for minute in minutes:
                shown_time = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall clock's
                if shown_time > after:
                    yield shown_time


def _days(cron: CronSim, first: date) -> Iterator[date]:
    """Matching days from `first` on, with the same ends."""
    day, give_up = first, first.year + _YEARS
    while day.year <= min(give_up, LAST_INSTANT.year):
        if day.month not in cron.months:
            day = (day.replace(day=1) + _MONTH).replace(day=1)
        else:
            if cron.match_day(day):
                give_up = day.year + _YEARS
                yield day
            day += _DAY


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> CronSim:
    return CronSim(expression, MONDAY)


def _spans(field: str, low: int, high: int) -> bool:
    """Whether a term covers the whole field, steps aside, or all terms together do."""
    covered: set[int] = set()
    for term in field.split(","):
        base, _, step = term.partition("/")
        first, dash, last = base.partition("-")
        if base == "*":
            return True
        ends = (int(first), int(last) if dash else high if step else int(first))
        if ends == (low, high):
            return True
        covered.update(range(ends[0], ends[1] + 1, int(step or 1)))
    return len(covered) == high - low + 1


def _normal(expression: object) -> str:
    if not isinstance(expression, str) or len(expression) > _LONGEST or not expression.isascii():
        raise ScheduleError(f"cron {zones.shown(expression)} is not a cron expression", fix=_fix([]))
    text = " ".join(expression.split())
    return _NICKNAMES.get(text.lower(), _STEP_OVER_ONE.sub(r"\1", text))


def _fix(fields: list[str]) -> str:
    if len(fields) == 6:
        return f"leave out the seconds field: {' '.join(fields[1:])} (for less than a minute use `every: 30s`)"
    return "write five fields, e.g. `5 21 * * *` for every day at 21:05"


def _malformed(text: str, fields: list[str]) -> ScheduleError:
    for position, (field, meaning) in enumerate(zip(fields, _FIELDS, strict=True)):
        alone = ["*"] * 5
        alone[position] = field
        try:
            CronSim(" ".join(alone), MONDAY)
        except (CronSimError, ValueError, AssertionError):
            return ScheduleError(
                f"cron {zones.shown(text)}: the field {zones.shown(field)} cannot be read",
                fix=f"it is {meaning}: a number, `*`, a list 1,2, a range 1-5 or a step */5",
            )
    return _never(text)


def _never(text: str) -> ScheduleError:
    return ScheduleError(
        f"cron {zones.shown(text)} never fires: there is no such day", fix="use a day that its months have, or L"
    )
