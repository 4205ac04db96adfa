"""Recurrence rules with FREQ=HOURLY, MINUTELY or SECONDLY, which follow elapsed time.

Real time since the anchor is cut into units (hours, minutes, seconds, beginning where the anchor's unit begins); every
INTERVAL-th unit is taken, whatever the wall clock does. Within it fire the instants whose *local* time has the rule's
month, day, hour, minute and second. Without BYMINUTE (BYSECOND) the rule fires as far into the unit as the anchor.

dateutil knows no elapsed time: over naive times it repeats or loses an hour, and it may search for minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from turnout.schedules import rule_text, zones
from turnout.schedules.model import HORIZON, LAST_INSTANT, RRule

_UNITS = {"HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1), "SECONDLY": timedelta(seconds=1)}
_PROBES = 30_000
"""Units that `first` looks at before it says that a rule never fires: more than there are days in 50 years."""


@dataclass(frozen=True, kw_only=True)
class _Plan:
    place: ZoneInfo
    anchor: datetime
    base: datetime
    """Where the anchor's unit begins."""
    unit: timedelta
    stride: timedelta
    months: frozenset[int]
    month_days: frozenset[int]
    weekdays: frozenset[int]
    hours: frozenset[int]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]


def instants(schedule: RRule, start: datetime, probes: int | None = None) -> Iterator[datetime]:
    """Every instant after `start`, in order, at most 50 years after it or after the last one found.

    With `probes`, gives up after so many units.
    """
    plan = _plan(schedule)
    number = max((start - plan.base) // plan.stride, 0)
    found, looked = start, 0
    while probes is None or looked < probes:
        begin = plan.base + plan.stride * number
        if begin >= LAST_INSTANT or begin - max(found, plan.base) > HORIZON:
            return
        for at in _within(plan, begin):
            if at > start:
                found = at
                yield at
        number = max(number + 1, (_next_candidate(plan, begin) - plan.base) // plan.stride)
        looked += 1


def first(schedule: RRule) -> datetime | None:
    """The first occurrence, None if there is none that a bounded search finds."""
    return next(instants(schedule, schedule.anchor - timedelta(seconds=1), probes=_PROBES), None)


@lru_cache(maxsize=1024)
def _plan(schedule: RRule) -> _Plan:
    parts, place = rule_text.read(schedule.rule), zones.zone(schedule.timezone)
    local, unit = zones.wall(place, schedule.anchor), _UNITS[parts["FREQ"]]
    into_unit = timedelta(minutes=local.minute, seconds=local.second) % unit
    return _Plan(
        place=place,
        anchor=schedule.anchor,
        base=schedule.anchor - into_unit,
        unit=unit,
        stride=unit * rule_text.interval(parts),
        months=frozenset(rule_text.numbers(parts, "BYMONTH")),
        month_days=frozenset(rule_text.numbers(parts, "BYMONTHDAY")),
        weekdays=frozenset(day for day, _ in rule_text.weekdays(parts)),
        hours=frozenset(rule_text.numbers(parts, "BYHOUR")),
        minutes=tuple(rule_text.numbers(parts, "BYMINUTE")),
        seconds=tuple(rule_text.numbers(parts, "BYSECOND")),
    )


def _within(plan: _Plan, begin: datetime) -> list[datetime]:
    """The occurrences in the unit that begins at `begin`."""
    into_unit = plan.anchor - plan.base
    local = zones.wall(plan.place, begin)
    minutes, seconds = into_unit // timedelta(minutes=1), into_unit // timedelta(seconds=1) % 60
    if plan.unit >= timedelta(hours=1):
        after_minutes = sorted((minute - local.minute) % 60 for minute in plan.minutes) or [minutes]
    else:
        after_minutes = [0]
    if plan.unit >= timedelta(minutes=1):
        after_seconds = sorted((second - local.second) % 60 for second in plan.seconds) or [seconds]
    else:
        after_seconds = [0]
    every = (begin + timedelta(minutes=m, seconds=s) for m in after_minutes for s in after_seconds)
    return [at for at in every if at >= plan.anchor and _matches(plan, zones.wall(plan.place, at))]


def _matches(plan: _Plan, local: datetime) -> bool:
    return (
        _day_matches(plan, local)
        and (not plan.hours or local.hour in plan.hours)
        and (not plan.minutes or local.minute in plan.minutes)
        and (not plan.seconds or local.second in plan.seconds)
    )


def _day_matches(plan: _Plan, local: datetime) -> bool:
    if plan.months and local.month not in plan.months:
        return False
    if plan.weekdays and local.weekday() not in plan.weekdays:
        return False
    from_end = local.day - _month_length(local) - 1
    return not plan.month_days or local.day in plan.month_days or from_end in plan.month_days


def _month_length(local: datetime) -> int:
    return ((local.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def _next_candidate(plan: _Plan, begin: datetime) -> datetime:
    """An instant up to which (exclusive), after the unit at `begin`, nothing can match: skips days, hours, minutes.

    Within one offset only, because a later one shows other local times.
    """
    local = zones.wall(plan.place, begin)
    midnight = local.replace(hour=0, minute=0, second=0)
    if not _day_matches(plan, local):
        skip = midnight + timedelta(days=1) - local
    elif plan.hours and local.hour not in plan.hours:
        skip = local.replace(minute=0, second=0) + timedelta(hours=1) - local
    elif plan.minutes and local.minute not in plan.minutes and plan.unit < timedelta(minutes=1):
        skip = local.replace(second=0) + timedelta(minutes=1) - local
    else:
        return begin
    return min(begin + skip, zones.steady_until(plan.place, begin))
