"""Following a schedule: which instants, and which is next. Pure: no clock, the same answer for the same arguments.

See `cron.py`, `interval.py` and `rrule.py` for what each kind does where a zone changes its offset, `calendars.py` for
what is taken out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from turnout.schedules import cron, interval, rrule, sifting
from turnout.schedules.model import FIRST_INSTANT, HORIZON, LAST_INSTANT, Cron, Interval, Schedule, Sifted, Simple


def occurrences(schedule: Schedule, start: datetime, end: datetime, limit: int | None = None) -> Iterator[datetime]:
    """The instants t with start < t <= end, at most `limit` of them, aware UTC, strictly increasing.

    Half-open, so the occurrences of (a, b] and (b, c] together are those of (a, c]. `start` and `end` must be aware.
    """
    return islice(_until(_instants(schedule, _aware(start), _aware(end)), _aware(end)), limit)


def next_occurrence(schedule: Schedule, after: datetime) -> datetime | None:
    """The first instant after `after`, or None if there is none within `HORIZON` (50 years)."""
    start = _aware(after)
    return next(occurrences(schedule, start, min(LAST_INSTANT - HORIZON, start) + HORIZON, limit=1), None)


def _instants(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    if isinstance(schedule, Sifted):
        return sifting.instants(schedule, start, end, _simple)
    return _simple(schedule, start)


def _simple(schedule: Simple, start: datetime) -> Iterator[datetime]:
    if isinstance(schedule, Cron):
        return cron.instants(schedule, start)
    if isinstance(schedule, Interval):
        return interval.instants(schedule, start)
    return rrule.instants(schedule, start)


def _until(instants: Iterator[datetime], end: datetime) -> Iterator[datetime]:
    for at in instants:
        if at > end:
            return
        yield at


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a schedule's window needs aware times")
    if at.replace(tzinfo=UTC) < FIRST_INSTANT:
        return FIRST_INSTANT
    if at.replace(tzinfo=UTC) > LAST_INSTANT:
        return LAST_INSTANT
    return at.astimezone(UTC)
