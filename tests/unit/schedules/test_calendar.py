"""Promise I5 against the minute-walker: `CASES` random schedules and windows over every IANA zone, 1990-2040.

Every case also cuts its window in two and expects the same union.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.schedules import oracle
from tests.unit.schedules.cases import CronCase, Window, crons, profile, windows
from turnout.schedules import next_occurrence, occurrences, parse
from turnout.schedules.model import Cron, Schedule

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def check(schedule: Schedule, window: Window, expected: list[datetime]) -> None:
    found = list(occurrences(schedule, window.start, window.end))
    assert found == expected
    assert all(instant.tzinfo is UTC for instant in found)
    parts = [*occurrences(schedule, window.start, window.cut), *occurrences(schedule, window.cut, window.end)]
    assert parts == found
    if found:
        assert next_occurrence(schedule, window.start) == found[0]


@pytest.mark.slow
@profile(oracle.CASES * 6 // 10)
@given(windows(), crons())
def test_cron_fires_when_the_walker_says(window: Window, case: CronCase) -> None:
    schedule = parse({"cron": case.expression, "timezone": window.zone})
    assert isinstance(schedule, Cron)
    assert schedule.wildcard == case.wildcard
    expected = oracle.every_minute if case.wildcard else oracle.fixed
    check(schedule, window, expected(ZoneInfo(window.zone), case.matches, window.start, window.end))


@pytest.mark.slow
@profile(oracle.CASES * 15 // 100)
@given(
    windows(),
    st.sampled_from(("DAILY", "WEEKLY", "MONTHLY")),
    st.integers(1, 3),
    st.sets(st.integers(0, 6), max_size=5),
    st.sets(st.integers(0, 23), min_size=1, max_size=6),
    st.sets(st.integers(0, 59), min_size=1, max_size=3),
    st.integers(0, 400),
)
def test_rules_by_day_fire_when_the_walker_says(
    window: Window, freq: str, every: int, days: set[int], hours: set[int], minutes: set[int], age: int
) -> None:
    zone = ZoneInfo(window.zone)
    start_day = (window.start.astimezone(zone).replace(tzinfo=None) - timedelta(days=age)).replace(
        hour=0, minute=0, second=0
    )
    if freq == "DAILY" and every == 1:
        every = 2  # the walker would not notice a lost interval otherwise
    anchor_week = start_day - timedelta(days=start_day.weekday())
    wanted = days or set(range(7))

    def matches(local: datetime) -> bool:
        if local < start_day or local.hour not in hours or local.minute not in minutes:
            return False
        if freq == "DAILY":
            return (local - start_day).days % every == 0
        if freq == "WEEKLY":
            return (local - anchor_week).days // 7 % every == 0 and local.weekday() in wanted
        months = (local.year - start_day.year) * 12 + local.month - start_day.month
        return months % every == 0 and local.weekday() in wanted

    rule = f"FREQ={freq};INTERVAL={every};BYHOUR={_join(hours)};BYMINUTE={_join(minutes)}"
    if freq != "DAILY":
        rule += f";BYDAY={','.join(CODES[day] for day in sorted(wanted))}"
    schedule = parse({"rrule": rule, "timezone": window.zone, "anchor": start_day.isoformat()})
    check(schedule, window, oracle.fixed(zone, matches, window.start, window.end))


@pytest.mark.slow
@profile(oracle.CASES * 15 // 100)
@given(
    windows(),
    st.sampled_from(("HOURLY", "MINUTELY")),
    st.sampled_from((1, 1, 1, 2, 5, 7, 15, 24, 60, 90)),
    st.sets(st.integers(0, 23), max_size=6),
    st.sets(st.integers(0, 6), max_size=4),
    st.integers(-300, 6000),
)
def test_rules_by_the_hour_follow_elapsed_time(
    window: Window, freq: str, every: int, hours: set[int], days: set[int], age: int
) -> None:
    zone = ZoneInfo(window.zone)
    anchor = (window.start - timedelta(minutes=age)).replace(second=0)
    step = timedelta(minutes=every) if freq == "MINUTELY" else timedelta(hours=every)
    rule = f"FREQ={freq};INTERVAL={every}"
    # Filters that some step always meets; rules that never fire are refused, which is tested elsewhere.
    if every == 1 and hours:
        rule += f";BYHOUR={_join(hours)}"
    if every == 1 and days:
        rule += f";BYDAY={','.join(CODES[day] for day in sorted(days))}"
    schedule = parse({"rrule": rule, "timezone": window.zone, "anchor": anchor.isoformat()})
    expected = [
        instant
        for instant, local in oracle.walk(zone, window.start, window.end)
        if window.start < instant <= window.end
        and instant >= anchor
        and (instant - anchor) % step == timedelta()
        and (every > 1 or not hours or local.hour in hours)
        and (every > 1 or not days or local.weekday() in days)
    ]
    check(schedule, window, expected)


@profile(oracle.CASES // 10)
@given(windows(), st.integers(1, 100_000), st.integers(-100_000, 10_000_000))
def test_intervals_are_elapsed_time(window: Window, every: int, age: int) -> None:
    anchor = window.start - timedelta(seconds=age)
    schedule = parse({"every": every, "timezone": window.zone, "anchor": anchor.isoformat()})
    first, last = (int((moment - anchor).total_seconds()) for moment in (window.start, window.end))
    steps = range(max(first // every + 1, 0), last // every + 1)
    if len(steps) > 500:
        window = Window(window.zone, window.start, window.start, window.start + timedelta(seconds=every * 500))
        steps = range(steps.start, int((window.end - anchor).total_seconds()) // every + 1)
    check(schedule, window, [anchor + timedelta(seconds=every * step) for step in steps])


@profile(oracle.CASES // 10)
@given(windows(), crons(), st.integers(1, 5))
def test_next_always_ends_and_repeating_it_walks_the_window(window: Window, case: CronCase, count: int) -> None:
    schedule = parse({"cron": case.expression, "timezone": window.zone})
    walked, at = [], window.start
    for _ in range(count):
        following = next_occurrence(schedule, at)
        assert following is not None
        assert following > at
        walked.append(following)
        at = following
    assert list(occurrences(schedule, window.start, at)) == walked
    assert list(occurrences(schedule, window.start, at, limit=count)) == walked


def _join(values: set[int]) -> str:
    return ",".join(map(str, sorted(values)))
