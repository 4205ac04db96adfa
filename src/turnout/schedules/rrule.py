"""Recurrence rules (RFC 5545) on a wall clock.

FREQ=DAILY and longer yields local times, each mapped like a fixed-time cron job: once in an overlap (first pass), and
in a gap at the first instant after it. FREQ=HOURLY and shorter follows elapsed time: see `rrule_elapsed.py`.

UNTIL: with `Z` an instant, else a local time; a bare date includes that whole local day. COUNT counts instants, for a
hundred years at most. Nothing fires before the anchor, and the anchor itself fires only if it matches the rule.

dateutil walks every rule from its start, so the start is moved close to the window by whole intervals, after the parts
that dateutil would take from the start (BYDAY, BYHOUR ...) have been written out.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import Literal

from dateutil import rrule as dateutil_rrule

from turnout.core.errors import ScheduleError
from turnout.schedules import rrule_elapsed, rule_text, zones
from turnout.schedules.model import HORIZON, LAST_INSTANT, RRule

_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?\Z")
_FREQUENCIES: tuple[Literal[0, 1, 2, 3], ...] = (0, 1, 2, 3)
"""dateutil's own numbers."""
_YEARLY, _MONTHLY, _WEEKLY, _DAILY = range(4)
_TOO_RARE = "use days that exist in its months; it must fire within 50 years of its anchor"
_CYCLE = 400
"""Years after which the Gregorian calendar repeats, weekdays included."""


def make(rule: object, anchor: datetime | None, default_anchor: datetime, timezone: str) -> RRule:
    """The schedule of a rule text. ScheduleError if it cannot be read or has no occurrence."""
    parts = rule_text.split(rule)
    if anchor is None and ("COUNT" in parts or rule_text.interval(parts) > 1):
        raise ScheduleError(
            f"rrule {zones.shown(rule)} counts from a start that is not given",
            fix="add `anchor:`, the first local time",
        )
    until = _until(parts.pop("UNTIL", None), timezone)
    count = int(parts.pop("COUNT")) if "COUNT" in parts else None
    start = anchor or default_anchor
    made = RRule(rule=rule_text.join(parts), anchor=start.replace(microsecond=0), timezone=timezone)
    first = _first(made)
    if first is None or (until is not None and first > until):
        raise ScheduleError(f"rrule {zones.shown(rule)} never fires", fix=_TOO_RARE if first is None else "move UNTIL")
    return RRule(rule=made.rule, anchor=made.anchor, timezone=timezone, count=count, until=until)


def instants(schedule: RRule, start: datetime) -> Iterator[datetime]:
    """Every occurrence after `start`, in order."""
    if schedule.count is not None:
        counted = _counted(schedule)
        yield from counted[bisect_right(counted, start) :]
        return
    for at in _uncounted(schedule, start):
        if schedule.until is not None and at > schedule.until:
            return
        yield at


@lru_cache(maxsize=64)
def _counted(schedule: RRule) -> tuple[datetime, ...]:
    end = min(schedule.until or LAST_INSTANT, min(schedule.anchor, LAST_INSTANT - 2 * HORIZON) + 2 * HORIZON)
    every = islice(_uncounted(schedule, schedule.anchor - timedelta(seconds=1)), schedule.count)
    return tuple(takewhile(lambda at: at <= end, every))


def _uncounted(schedule: RRule, start: datetime) -> Iterator[datetime]:
    if rule_text.frequency(rule_text.read(schedule.rule)) >= rule_text.HOURLY:
        return rrule_elapsed.instants(schedule, start)
    return _on_wall(schedule, start)


def _on_wall(schedule: RRule, start: datetime) -> Iterator[datetime]:
    place, last = zones.zone(schedule.timezone), max(start, schedule.anchor - timedelta(seconds=1))
    near = max(zones.wall(place, start), zones.wall(place, schedule.anchor))
    moved = _template(schedule).replace(dtstart=_moved_start(schedule, near))
    for shown_time in moved:
        if shown_time.year > LAST_INSTANT.year:
            return
        at = zones.first_instant(place, shown_time)
        if at > last:
            last = at
            yield at


@lru_cache(maxsize=1024)
def _template(schedule: RRule) -> dateutil_rrule.rrule:
    """dateutil's rule with everything written out that it would otherwise take from the start."""
    parts, local = rule_text.read(schedule.rule), zones.wall(zones.zone(schedule.timezone), schedule.anchor)
    frequency = rule_text.frequency(parts)
    month, month_day = rule_text.numbers(parts, "BYMONTH"), rule_text.numbers(parts, "BYMONTHDAY")
    days = [dateutil_rrule.weekday(day, nth) for day, nth in rule_text.weekdays(parts)]
    if not any(key in parts for key in ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY")):
        month = month or ([local.month] if frequency == _YEARLY else [])
        month_day = [local.day] if frequency in (_YEARLY, _MONTHLY) else []
        days = [dateutil_rrule.weekday(local.weekday())] if frequency == _WEEKLY else []
    return dateutil_rrule.rrule(
        _FREQUENCIES[frequency],
        dtstart=local,
        interval=rule_text.interval(parts),
        wkst=rule_text.WEEKDAYS.index(parts.get("WKST", "MO")),
        bymonth=month or None,
        bymonthday=month_day or None,
        byweekday=days or None,
        byyearday=rule_text.numbers(parts, "BYYEARDAY") or None,
        byweekno=rule_text.numbers(parts, "BYWEEKNO") or None,
        bysetpos=rule_text.numbers(parts, "BYSETPOS") or None,
        byhour=rule_text.numbers(parts, "BYHOUR") or [local.hour],
        byminute=rule_text.numbers(parts, "BYMINUTE") or [local.minute],
        bysecond=rule_text.numbers(parts, "BYSECOND") or [local.second],
    )


def _moved_start(schedule: RRule, near: datetime) -> datetime:
    """The rule's local start moved by whole intervals close to `near`, never before the anchor nor after `near`.

    Days and weeks stay two intervals back: in dateutil BYSETPOS does not see the part of a week before the start.
    """
    parts, anchor = rule_text.read(schedule.rule), zones.wall(zones.zone(schedule.timezone), schedule.anchor)
    frequency, step = rule_text.frequency(parts), rule_text.interval(parts)
    if frequency in (_DAILY, _WEEKLY):
        period = timedelta(days=step * (7 if frequency == _WEEKLY else 1))
        periods = (near - anchor) // period - 2
        return anchor + period * periods if periods > 0 else anchor
    months = step * (12 if frequency == _YEARLY else 1)
    periods = ((near.year - anchor.year) * 12 + near.month - anchor.month) // months
    if periods <= 0:
        return anchor
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months * periods, 12)
    return datetime.combine(date(year, 1 if frequency == _YEARLY else month + 1, 1), time())


def _first(schedule: RRule) -> datetime | None:
    """The first occurrence within the horizon, None if there is none.

    dateutil searches a rule that never fires until the year 9999; the question is therefore put in the last calendar
    cycle before that, where it ends soon.
    """
    if rule_text.frequency(rule_text.read(schedule.rule)) >= rule_text.HOURLY:
        return rrule_elapsed.first(schedule)
    local = zones.wall(zones.zone(schedule.timezone), schedule.anchor)
    later = (9999 - HORIZON // timedelta(days=365) - local.year) // _CYCLE * _CYCLE
    found = next(iter(_template(schedule).replace(dtstart=local.replace(year=local.year + later))), None)
    if found is None or found.year - later > local.year + 50:
        return None
    return zones.first_instant(zones.zone(schedule.timezone), found.replace(year=found.year - later))


def _until(text: str | None, timezone: str) -> datetime | None:
    if text is None:
        return None
    matched = _UNTIL.match(text)
    try:
        if matched is None:
            raise ValueError
        day = date.fromisoformat(matched[1])
        shown_time = datetime.combine(day, time.max if matched[2] is None else _clock(matched[2]))
    except ValueError:
        raise ScheduleError(
            f"rrule: UNTIL={zones.shown(text)} is not a time", fix="write 20271231, 20271231T090000 or 20271231T140000Z"
        ) from None
    if matched[3]:
        return shown_time.replace(tzinfo=UTC)
    return zones.first_instant(zones.zone(timezone), shown_time)


def _clock(digits: str) -> time:
    return time(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
