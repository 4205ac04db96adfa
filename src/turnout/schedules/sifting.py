"""A schedule without what its calendars take out. What is taken out is no occurrence: it is neither run nor missed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from turnout.schedules.calendars import holds_again, holds_until
from turnout.schedules.model import Sifted, Simple

GIVE_UP = 4_000
"""A schedule of which its calendars take out so many in a row has ended: some eleven years of one that is daily."""
_PASSED = 50
"""So many that are taken out are passed one by one before the rest of them are jumped over."""
_TICK = timedelta(microseconds=1)
_NEVER = datetime.max.replace(tzinfo=UTC)

Follow = Callable[[Simple, datetime], Iterator[datetime]]


def instants(schedule: Sifted, start: datetime, end: datetime, follow: Follow) -> Iterator[datetime]:
    """The occurrences t with start < t <= end, in order; `follow` gives those of a schedule without calendars."""
    series, free, passed, taken = follow(schedule.schedule, start), start, 0, 0
    while (at := next(series, None)) is not None and at <= end:
        if at < free:
            passed += 1
            if passed > _PASSED:
                series, passed = follow(schedule.schedule, free - _TICK), 0
            continue
        until = _taken_out_until(schedule, at)
        if until is None:
            taken = passed = 0
            yield at
            continue
        taken += 1
        if until == _NEVER or taken > GIVE_UP:
            return
        free, passed = until, 0


def _taken_out_until(schedule: Sifted, at: datetime) -> datetime | None:
    """An instant before which nothing is left either; None if `at` is left."""
    for calendar in schedule.skip:
        if (until := holds_until(calendar, at)) is not None:
            return until
    if not schedule.only or any(holds_until(calendar, at) is not None for calendar in schedule.only):
        return None
    again = [found for calendar in schedule.only if (found := holds_again(calendar, at)) is not None]
    return min(again) if again else _NEVER
