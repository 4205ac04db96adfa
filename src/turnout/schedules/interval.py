"""Intervals: elapsed time counted from an anchor, deaf to the wall clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from turnout.core.durations import parse_duration
from turnout.core.errors import ScheduleError
from turnout.schedules.model import LAST_INSTANT, Interval
from turnout.schedules.zones import shown

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=3660)
_LONGEST_TEXT = 64
_FIX = "write a length of time such as 15m, 1h30m or 900 (seconds)"


def make(every: object, anchor: datetime, timezone: str) -> Interval:
    """The schedule that fires at `anchor` and then every `every` (seconds or text)."""
    length = read_length(every, "every")
    if length < SHORTEST or length > LONGEST:
        raise ScheduleError(
            f"every: {shown(every)} is not between one second and ten years",
            fix=_FIX,
        )
    return Interval(every=length, anchor=anchor, timezone=timezone)


def read_length(value: object, key: str) -> timedelta:
    """The length of time under `key`: seconds or text with units. ScheduleError for anything else."""
    try:
        if not isinstance(value, int | float | str) or (isinstance(value, str) and len(value) > _LONGEST_TEXT):
            raise ValueError
        return timedelta(seconds=parse_duration(value))
    except (ValueError, OverflowError):
        raise ScheduleError(f"{key}: {shown(value)} is not a length of time", fix=_FIX) from None


def instants(schedule: Interval, start: datetime) -> Iterator[datetime]:
    """Every occurrence after `start`, in order; the anchor itself is the first there is."""
    first = max((start - schedule.anchor) // schedule.every + 1, 0)
    last = (LAST_INSTANT - schedule.anchor) // schedule.every
    for step in range(first, last + 1):
        yield schedule.anchor + schedule.every * step
