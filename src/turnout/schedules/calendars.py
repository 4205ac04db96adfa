"""Named calendars: days, and times of day, at which a schedule does not start, or only then.

A calendar holds at an instant when its zone's clock shows one of its dates (any, if it names none) and a time within
one of its windows (any, if it names none). What the clock shows decides, also where it is put forward or back: a window
that comes twice holds twice. One over midnight, 22:00-02:00, is of the date on which it begins. Its end is outside.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from turnout.core.errors import ScheduleError
from turnout.schedules import zones
from turnout.schedules.model import Calendar

DATES = 400
WINDOWS = 20
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
DATE_PATTERN = r"\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?"
WINDOW_PATTERN = f"{_CLOCK}-({_CLOCK}|24:00)"


def make(name: object, spec: Mapping[str, object], timezone: str = "UTC") -> Calendar:
    """The calendar that `spec` describes: {dates, windows, timezone}; keys with None count as absent. ScheduleError for
    one that cannot be, or that says nothing."""
    dates, windows = spec.get("dates") or (), spec.get("windows") or {}
    if not isinstance(dates, Sequence) or isinstance(dates, str) or not isinstance(windows, Mapping):
        raise ScheduleError(f"calendar {zones.shown(name)} cannot be read", fix="write {dates: [2026-11-03]}")
    if not dates and not windows:
        raise ScheduleError(f"calendar {zones.shown(name)} names no dates and no windows", fix="add one of them")
    if len(dates) > DATES or len(windows) > WINDOWS:
        what = f"calendar {zones.shown(name)} has more than {DATES} dates or {WINDOWS} windows"
        raise ScheduleError(what, fix="write ranges, as in 2026-12-24..2027-01-01")
    zone = spec.get("timezone") or timezone
    zones.zone(zone)
    return Calendar(
        name=str(name),
        timezone=str(zone),
        days=tuple(sorted(read_days(each) for each in dates)),
        windows=tuple(sorted(read_window(each) for each in windows.values())),
    )


def read_days(text: object) -> tuple[date, date]:
    """The first and the last day of `2026-11-03` or `2026-12-24..2027-01-01`. ScheduleError."""
    try:
        if not isinstance(text, str) or not re.fullmatch(DATE_PATTERN, text):
            raise ValueError
        first, _, last = text.partition("..")
        found = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise ScheduleError(
            f"{zones.shown(text)} is not a date", fix="write 2026-11-03, or 2026-12-24..2027-01-01"
        ) from None
    if found[1] < found[0] or found[0].year < 1000 or found[1].year > 9000:
        raise ScheduleError(f"{zones.shown(text)} ends before it begins, or is out of range", fix="the first day first")
    return found


def read_window(text: object) -> tuple[timedelta, timedelta]:
    """Where `18:00-21:00` begins and ends, from the midnight before it begins. ScheduleError."""
    if not isinstance(text, str) or not re.fullmatch(WINDOW_PATTERN, text):
        raise ScheduleError(f"{zones.shown(text)} is not a time of day", fix="write 18:00-21:00")
    begins, ends = (_of_day(part) for part in text.split("-"))
    if begins == ends:
        raise ScheduleError(f"the window {zones.shown(text)} is empty", fix="leave windows out to mean whole days")
    return begins, ends if ends > begins else ends + _DAY


def holds_until(calendar: Calendar, at: datetime) -> datetime | None:
    """An instant up to which (exclusive) it holds without a break; None if it does not hold at `at`."""
    place = zones.zone(calendar.timezone)
    local = zones.wall(place, at)
    today = datetime.combine(local.date(), time())
    found = [
        day + ends
        for day in (today - _DAY, today)
        if _has(calendar, day.date())
        for begins, ends in _windows(calendar)
        if day + begins <= local < day + ends
    ]
    if not found:
        return None
    return _not_before(at, min(zones.first_instant(place, max(found)), zones.steady_until(place, at)))


def holds_again(calendar: Calendar, at: datetime) -> datetime | None:
    """An instant after `at`, where it does not hold, before which it does not either; None if it never does again."""
    place = zones.zone(calendar.timezone)
    local = zones.wall(place, at)
    for day in _days_from(calendar, local.date()):
        midnight = datetime.combine(day, time())
        begin = [midnight + begins for begins, _ in _windows(calendar) if midnight + begins > local]
        if begin:
            return _not_before(at, min(zones.first_instant(place, min(begin)), zones.steady_until(place, at)))
    return None


def _not_before(at: datetime, found: datetime) -> datetime:
    """Time goes on where a clock that was put back shows again what it showed."""
    return max(found, at + _SECOND)


def _windows(calendar: Calendar) -> tuple[tuple[timedelta, timedelta], ...]:
    return calendar.windows or ((timedelta(), _DAY),)


def _has(calendar: Calendar, day: date) -> bool:
    return not calendar.days or any(first <= day <= last for first, last in calendar.days)


def _days_from(calendar: Calendar, day: date) -> Iterator[date]:
    """The dates from `day` on of which one has a window that begins after a time of `day`: its own, and the next."""
    if not calendar.days:
        yield from (day, day + _DAY)
        return
    if _has(calendar, day):
        yield day
    later = [max(first, day + _DAY) for first, last in calendar.days if last > day]
    if later:
        yield min(later)


def _of_day(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
