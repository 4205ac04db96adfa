"""From what a person wrote to a schedule: the one door through which schedules come, for manifest, API and store."""

import difflib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from turnout.core.errors import ScheduleError
from turnout.schedules import calendars, cron, interval, rrule, zones
from turnout.schedules.model import FIRST_INSTANT, LAST_INSTANT, MONDAY, Calendar, Schedule, Sifted, Simple

_KINDS = ("cron", "every", "rrule")
_OWN = (*_KINDS, "timezone", "anchor", "dtstart", "calendar")
_OTHERS = ("slug", "parameters", "catch_up", "paused")
"""Keys of a stored schedule that are not the calendar's business."""
_LONGEST_TIME = 40


def parse(spec: Mapping[str, object]) -> Schedule:
    """The schedule that `spec` describes; keys with None count as absent.

    {cron, timezone} | {every (seconds or "15m"), anchor, timezone} | {rrule, anchor or dtstart, timezone}. Without
    `timezone` it is UTC. An anchor without offset is local time of that zone; without anchor an interval or rule is
    aligned to Monday, 1 January 2001, 00:00 local (a rule with COUNT or INTERVAL needs one). `calendar`: {skip, only},
    lists of {name, dates, windows, timezone}.

    Raises ScheduleError for anything that can never be followed.
    """
    given = {key: value for key, value in spec.items() if value is not None and key not in _OTHERS}
    _check_keys(given)
    timezone = given.get("timezone", "UTC")
    zones.zone(timezone)
    assert isinstance(timezone, str)
    found = _simple(given, timezone)
    skip, only = (_calendars(given.get("calendar"), key, timezone) for key in ("skip", "only"))
    return Sifted(schedule=found, skip=skip, only=only) if skip or only else found


def _simple(given: Mapping[str, object], timezone: str) -> Simple:
    if "cron" in given:
        return cron.make(given["cron"], timezone)
    anchor = _anchor(given.get("anchor", given.get("dtstart")), timezone)
    default = zones.first_instant(zones.zone(timezone), MONDAY)
    if "every" in given:
        return interval.make(given["every"], anchor or default, timezone)
    return rrule.make(given["rrule"], anchor, default, timezone)


def _check_keys(given: Mapping[str, object]) -> None:
    for key in given:
        if key not in _OWN:
            close = difflib.get_close_matches(str(key)[:60], _OWN, n=1)
            fix = f"did you mean {close[0]}?" if close else f"use {', '.join(_OWN)}"
            raise ScheduleError(f"a schedule has no {zones.shown(key)}", fix=fix)
    kinds = [kind for kind in _KINDS if kind in given]
    if len(kinds) != 1:
        what = f"has {' and '.join(kinds)}" if kinds else "says nothing about when"
        raise ScheduleError(f"a schedule {what}", fix="give exactly one of cron, every, rrule")
    if "cron" in kinds and ("anchor" in given or "dtstart" in given):
        raise ScheduleError("a cron schedule has no anchor", fix="leave it out; cron follows the wall clock")
    if "anchor" in given and "dtstart" in given:
        raise ScheduleError("anchor and dtstart are two names for one thing", fix="leave one out")


def _calendars(uses: object, key: str, timezone: str) -> tuple[Calendar, ...]:
    listed = uses.get(key) or () if isinstance(uses, Mapping) else None if uses is not None else ()
    if not isinstance(listed, list | tuple) or not all(isinstance(each, Mapping) for each in listed):
        raise ScheduleError(
            "the schedule's calendar cannot be read", fix="write {skip: [{name: a, dates: [2026-11-03]}]}"
        )
    return tuple(calendars.make(each.get("name"), each, timezone) for each in listed)


def _anchor(value: object, timezone: str) -> datetime | None:
    if value is None:
        return None
    at = _time(value)
    if at.replace(tzinfo=UTC) <= FIRST_INSTANT or at.replace(tzinfo=UTC) >= LAST_INSTANT:
        raise ScheduleError(f"anchor {zones.shown(str(value))} is out of range", fix="use a year from 3 to 9997")
    return zones.first_instant(zones.zone(timezone), at) if at.tzinfo is None else at.astimezone(UTC)


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        if not isinstance(value, str) or len(value) > _LONGEST_TIME:
            raise ValueError
        return datetime.fromisoformat(value)
    except ValueError:
        raise ScheduleError(
            f"anchor {zones.shown(value)} is not a time", fix="write 2027-01-01T09:00 (local) or 2027-01-01T14:00Z"
        ) from None
