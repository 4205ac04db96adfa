"""What a schedule means, spelled out the slow way: walk real time minute by minute and look at the local clock.

Shares no code with `turnout.schedules`; nothing but `zoneinfo` tells it about zones.
"""

import calendar
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

CASES = int(os.environ.get("TURNOUT_CASES", "5000"))
"""Calendar cases of the whole suite."""

MINUTE = timedelta(minutes=1)
WARM_UP = timedelta(hours=8)
"""Longer than any overlap since 1990 (Vostok 1994: seven hours), so that the walk knows what was shown before."""

ZONES = sorted(available_timezones() - {"localtime", "Factory", "posixrules"})

Matcher = Callable[[datetime], bool]


def at(text: str) -> datetime:
    """`2027-03-14 07:00` as an aware UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walk(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """(instant, local clock) of every whole UTC minute in [begin, end]."""
    minute = begin.replace(second=0, microsecond=0)
    while minute <= end:
        yield minute, minute.astimezone(zone).replace(tzinfo=None, fold=0)
        minute += MINUTE


def fixed(zone: ZoneInfo, matches: Matcher, start: datetime, end: datetime) -> list[datetime]:
    """Each local minute counts once: when it is first shown or, never shown, when the clock has jumped over it."""
    found, high = [], None
    for instant, local in walk(zone, start - WARM_UP, end):
        if high is None:
            high = local
        elif local > high:
            fires = False
            while high < local:
                high += MINUTE
                fires = fires or matches(high)
            if fires and start < instant <= end:
                found.append(instant)
    return found


def every_minute(zone: ZoneInfo, matches: Matcher, start: datetime, end: datetime) -> list[datetime]:
    """Every real minute whose local time matches."""
    return [instant for instant, local in walk(zone, start, end) if start < instant <= end and matches(local)]


@cache
def changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """The days (UTC) in the year after whose midnight the zone's offset is another."""
    day, found = datetime(year, 1, 1, tzinfo=UTC), []
    before = day.astimezone(zone).utcoffset()
    while day.year == year:
        day += timedelta(days=1)
        now = day.astimezone(zone).utcoffset()
        if now != before:
            found.append(day - timedelta(days=1))
        before = now
    return tuple(found)


def last_day(local: datetime) -> int:
    return calendar.monthrange(local.year, local.month)[1]
