"""IANA zones: finding one by name safely, and the two questions every calendar asks of it.

A wall time means an instant by one rule everywhere in Turnout (`first_instant`): the first instant at which the zone's
clock shows that time or, where the clock jumps over it, the first instant after the jump.

Zones change their offset at whole seconds and never twice within three days (all of the tz database, 1830-2100), so a
day's step finds every change.
"""

import difflib
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from turnout.core.errors import ScheduleError

_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}\Z")
_LONGEST_NAME = 64
_MACHINE_DEPENDENT = frozenset({"localtime", "Factory", "posixrules"})
_EXAMPLE = "write an IANA name such as America/New_York, or UTC"
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def zone(name: object) -> ZoneInfo:
    """The zone called `name`. ScheduleError, with close names, for anything that is not an IANA name.

    The name is checked for shape before it comes near a path.
    """
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not _NAME.match(name):
        raise ScheduleError(f"timezone {shown(name)} is not a zone name", fix=_suggestion(name))
    return _load(name)


@lru_cache(maxsize=1024)
def _load(name: str) -> ZoneInfo:
    if name not in _names():
        raise ScheduleError(f"timezone {shown(name)} is unknown", fix=_suggestion(name))
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _MACHINE_DEPENDENT


def _suggestion(name: object) -> str:
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        return _EXAMPLE
    wanted = name.lower().replace(" ", "_")
    by_lower = {known.lower(): known for known in _names()}
    by_city = {known.lower().rsplit("/", 1)[-1]: known for known in sorted(_names(), reverse=True)}
    if wanted in by_lower:
        return f"did you mean {by_lower[wanted]}?"
    close = [by_lower[n] for n in difflib.get_close_matches(wanted, by_lower, n=3, cutoff=0.75)]
    close += [by_city[n] for n in difflib.get_close_matches(wanted.rsplit("/", 1)[-1], by_city, n=2, cutoff=0.8)]
    if not close:
        return _EXAMPLE
    return f"did you mean {' or '.join(dict.fromkeys(close))}?"


def wall(place: ZoneInfo, at: datetime) -> datetime:
    """What the zone's clock shows at the instant `at`, without zone."""
    return at.astimezone(place).replace(tzinfo=None, fold=0)


def offset(place: ZoneInfo, at: datetime) -> timedelta:
    """Local minus UTC at the instant `at`."""
    return at.astimezone(place).utcoffset() or timedelta()


def first_instant(place: ZoneInfo, shown_time: datetime) -> datetime:
    """The first instant at which the zone's clock shows `shown_time` (naive), or the first one after the gap it is in.

    Never decreasing in `shown_time`.
    """
    at = shown_time.replace(tzinfo=place, fold=0).astimezone(UTC)
    if wall(place, at) == shown_time:
        return at
    before = shown_time.replace(tzinfo=place, fold=1).astimezone(UTC)
    return _change_between(place, before, at)


def steady_until(place: ZoneInfo, at: datetime) -> datetime:
    """An instant after `at` up to which (exclusive) the offset stays what it is at `at`.

    It is the next change of offset, or the next 1 January UTC if that comes first.
    """
    for change in _changes(place, at.year):
        if change > at:
            return change
    return datetime(at.year + 1, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _changes(place: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """The instants in (1 January, 1 January next] UTC at which the zone's offset changes."""
    day, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found = []
    while day < end:
        if offset(place, day) != offset(place, day + _DAY):
            found.append(_change_between(place, day, day + _DAY))
        day += _DAY
    return tuple(found)


def _change_between(place: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first instant in (low, high] whose offset differs from that of `low`."""
    old = offset(place, low)
    while high - low > _SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            middle = low + _SECOND
        if offset(place, middle) == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def shown(value: object) -> str:
    """`value` as it may appear in a message: quoted, escaped, cut."""
    text = ascii(value[:60]) if isinstance(value, str) else ascii(value)
    return text if len(text) <= 72 else text[:69] + "..."
