"""Hypothesis strategies: windows near offset changes, and schedules with what they mean for the oracle."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.unit.schedules import oracle

DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def profile(cases: int) -> settings:
    """Settings for so many cases; no database, so that the tree stays clean."""
    return settings(
        max_examples=max(cases, 1),
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


@dataclass(frozen=True)
class Window:
    zone: str
    start: datetime
    cut: datetime
    end: datetime


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Up to 30 hours in 1990-2040, mostly around a change of offset where the zone has one that year."""
    zone, year = draw(st.sampled_from(oracle.ZONES)), draw(st.integers(1990, 2040))
    days = oracle.changes(ZoneInfo(zone), year)
    if days and draw(st.integers(0, 9)):
        middle = draw(st.sampled_from(days))
    else:
        middle = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 364)))
    start = middle + timedelta(seconds=draw(st.integers(-6 * 3600, 24 * 3600)))
    cut = start + timedelta(seconds=draw(st.integers(0, 15 * 3600)))
    end = cut + timedelta(seconds=draw(st.integers(0, 15 * 3600)))
    if draw(st.booleans()):
        start, cut, end = (moment.replace(second=0) for moment in (start, cut, end))
    return Window(zone, start, cut, end)


@dataclass(frozen=True)
class CronCase:
    expression: str
    matches: Callable[[datetime], bool]
    wildcard: bool


@st.composite
def cron_field(draw: st.DrawFn, low: int, high: int) -> tuple[str, frozenset[int], bool]:
    """(text, values, spans the field)"""
    kind = draw(st.sampled_from(("one", "one", "list", "range", "star", "step", "range-step", "from-step")))
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, high))
    everything = range(low, high + 1)
    if kind == "one":
        return str(first), frozenset({first}), False
    if kind == "list":
        values = draw(st.lists(st.integers(low, high), min_size=1, max_size=4))
        return ",".join(map(str, values)), frozenset(values), False
    if kind == "range":
        return f"{first}-{last}", frozenset(range(first, last + 1)), (first, last) == (low, high)
    if kind == "range-step":
        return f"{first}-{last}/{step}", frozenset(range(first, last + 1, step)), (first, last) == (low, high)
    if kind == "from-step":
        return f"{first}/{step}", frozenset(range(first, high + 1, step)), first == low
    if kind == "step":
        return f"*/{step}", frozenset(everything[::step]), True
    return "*", frozenset(everything), True


@st.composite
def crons(draw: st.DrawFn) -> CronCase:
    minute, minutes, wild_minute = draw(cron_field(0, 59))
    hour, hours, wild_hour = draw(cron_field(0, 23))
    month, months = draw(st.sampled_from((("*", frozenset(range(1, 13))), ("*/2", frozenset(range(1, 13, 2))))))
    day, day_matches = draw(month_days())
    weekday, weekday_matches = draw(weekdays())
    both = day.startswith("*") or weekday.startswith("*")

    def matches(local: datetime) -> bool:
        if local.minute not in minutes or local.hour not in hours or local.month not in months:
            return False
        if both:
            return day_matches(local) and weekday_matches(local)
        return day_matches(local) or weekday_matches(local)

    return CronCase(f"{minute} {hour} {day} {month} {weekday}", matches, wild_minute or wild_hour)


@st.composite
def month_days(draw: st.DrawFn) -> tuple[str, Callable[[datetime], bool]]:
    kind = draw(st.sampled_from(("star", "star", "star", "step", "list", "last", "last-weekday")))
    days = frozenset(draw(st.lists(st.integers(1, 28), min_size=1, max_size=3)))
    if kind == "star":
        return "*", lambda local: True
    if kind == "step":
        return "*/2", lambda local: local.day % 2 == 1
    if kind == "list":
        return ",".join(map(str, sorted(days))), lambda local: local.day in days
    if kind == "last":
        return "L", lambda local: local.day == oracle.last_day(local)
    return "LW", _is_last_weekday


def _is_last_weekday(local: datetime) -> bool:
    rest = [local + timedelta(days=n) for n in range(1, oracle.last_day(local) - local.day + 1)]
    return local.weekday() < 5 and all(later.weekday() >= 5 for later in rest)


@st.composite
def weekdays(draw: st.DrawFn) -> tuple[str, Callable[[datetime], bool]]:
    kind = draw(st.sampled_from(("star", "star", "star", "number", "name", "range", "nth", "last")))
    day, nth = draw(st.integers(0, 7)), draw(st.integers(1, 4))
    python_day = (day - 1) % 7
    if kind == "star":
        return "*", lambda local: True
    if kind == "number":
        return str(day), lambda local: local.weekday() == python_day
    if kind == "name":
        return DAY_NAMES[day % 7], lambda local: local.weekday() == python_day
    if kind == "range":
        return "1-5", lambda local: local.weekday() < 5
    if kind == "nth":
        return f"{day}#{nth}", lambda local: local.weekday() == python_day and (local.day + 6) // 7 == nth
    return f"{day}L", lambda local: local.weekday() == python_day and local.day + 7 > oracle.last_day(local)
