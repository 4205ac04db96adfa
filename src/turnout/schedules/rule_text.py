"""Reading the text of an RFC 5545 recurrence rule into checked numbers.

dateutil would accept months of 13, hang on rules that never fire and take defaults from the process; so the text is
read here, and dateutil only gets what is sound.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from turnout.core.errors import ScheduleError
from turnout.schedules.zones import shown

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
"""In dateutil's order, so that an index is dateutil's constant."""
HOURLY = 4
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_RANGES = {
    "INTERVAL": (1, 100_000),
    "COUNT": (1, 10_000),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (-366, 366),
}
_SINGLE = ("INTERVAL", "COUNT")
_ONLY_CALENDAR = ("BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_KEYS = ("FREQ", "UNTIL", "WKST", "BYDAY", *_RANGES)
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}\Z")
_LONGEST = 1000
_EXAMPLE = "write a rule such as FREQ=WEEKLY;BYDAY=MO;BYHOUR=9"

Parts = Mapping[str, str]


def split(text: object) -> dict[str, str]:
    """KEY -> VALUE of a rule, in capitals, keys known, FREQ present."""
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isascii():
        raise ScheduleError(f"rrule {shown(text)} is not a recurrence rule", fix=_EXAMPLE)
    body = text.strip().upper().removeprefix("RRULE:")
    if any(name in body for name in ("DTSTART", "EXDATE", "RDATE", "EXRULE", "\n")):
        raise ScheduleError(
            f"rrule {shown(text)} holds more than one rule", fix="give only the rule; its start goes under `anchor:`"
        )
    parts: dict[str, str] = {}
    for pair in body.strip(";").split(";"):
        key, equals, value = (piece.strip() for piece in pair.partition("="))
        if not equals or key not in _KEYS or key in parts or not value:
            raise ScheduleError(
                f"rrule {shown(text)}: {shown(pair)} cannot be read", fix=f"use each of {', '.join(_KEYS)} at most once"
            )
        parts[key] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise ScheduleError(f"rrule {shown(text)} has no FREQ that exists", fix=f"use {', '.join(FREQUENCIES)}")
    _check(parts, text)
    return parts


def join(parts: Parts) -> str:
    """The rule's text again."""
    return ";".join(f"{key}={value}" for key, value in parts.items())


@lru_cache(maxsize=1024)
def read(rule: str) -> Parts:
    """`split` of a text that was checked before."""
    return dict(pair.split("=") for pair in rule.split(";"))


def numbers(parts: Parts, key: str) -> list[int]:
    """The numbers of a part, ascending; empty if the rule does not have it."""
    return sorted({int(item) for item in parts[key].split(",")}) if key in parts else []


def frequency(parts: Parts) -> int:
    return FREQUENCIES.index(parts["FREQ"])


def interval(parts: Parts) -> int:
    return int(parts.get("INTERVAL", "1"))


def weekdays(parts: Parts) -> list[tuple[int, int | None]]:
    """BYDAY as (weekday with Monday 0, position in the month or year or None)."""
    return [_weekday(item) for item in parts["BYDAY"].split(",")] if "BYDAY" in parts else []


def _weekday(item: str) -> tuple[int, int | None]:
    matched = _DAY.match(item)
    assert matched is not None, "checked in split"
    return WEEKDAYS.index(matched[2]), int(matched[1]) if matched[1] else None


def _check(parts: Parts, text: str) -> None:
    for key, (low, high) in _RANGES.items():
        for item in parts[key].split(",") if key in parts else ():
            good = _NUMBER.match(item) and low <= int(item) <= high and (low >= 0 or int(item) != 0)
            if not good or (key in _SINGLE and "," in parts[key]):
                raise ScheduleError(
                    f"rrule {shown(text)}: {key}={shown(parts[key])} cannot be", fix=f"use {_range(low, high)}"
                )
    if parts.get("WKST", "MO") not in WEEKDAYS:
        raise ScheduleError(f"rrule {shown(text)}: WKST is not a weekday", fix=f"use one of {', '.join(WEEKDAYS)}")
    positions = frequency(parts) <= FREQUENCIES.index("MONTHLY")
    for item in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        matched = _DAY.match(item)
        if not matched or (matched[1] and (not positions or not 1 <= abs(int(matched[1])) <= 53)):
            raise ScheduleError(
                f"rrule {shown(text)}: BYDAY {shown(item)} cannot be",
                fix="use MO to SU; 1MO or -1FR only with FREQ=MONTHLY or YEARLY",
            )
    for key in _ONLY_CALENDAR:
        if key in parts and frequency(parts) >= HOURLY:
            raise ScheduleError(f"rrule {shown(text)}: {key} needs FREQ=DAILY or longer", fix=f"leave {key} out")


def _range(low: int, high: int) -> str:
    return f"numbers from {low} to {high}" + (", not 0" if low < 0 else "")
