from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.unit.schedules.oracle import at
from turnout.schedules import HORIZON, next_occurrence, occurrences, parse

EACH = [
    {"cron": "*/15 * * * *", "timezone": "America/New_York"},
    {"cron": "0 9 * * *", "timezone": "America/New_York"},
    {"every": "15m"},
    {"rrule": "FREQ=DAILY", "anchor": "2001-01-01"},
    {"rrule": "FREQ=HOURLY", "anchor": "2001-01-01"},
]
each = pytest.mark.parametrize("spec", EACH, ids=str)


@each
def test_the_window_is_open_at_its_start_and_closed_at_its_end(spec: dict[str, object]) -> None:
    schedule = parse(spec)
    first, second, third = occurrences(schedule, at("2027-06-01 00:00"), at("2028-01-01 00:00"), limit=3)
    assert list(occurrences(schedule, first, third)) == [second, third]
    assert list(occurrences(schedule, first - timedelta(microseconds=1), first)) == [first]
    assert list(occurrences(schedule, first + timedelta(microseconds=1), second - timedelta(microseconds=1))) == []
    assert list(occurrences(schedule, first, first)) == []
    assert list(occurrences(schedule, third, first)) == []


@each
def test_it_is_lazy_and_limited(spec: dict[str, object]) -> None:
    schedule, start = parse(spec), at("2027-06-01 00:00")
    assert len(list(occurrences(schedule, start, datetime.max.replace(tzinfo=UTC), limit=5))) == 5
    assert list(occurrences(schedule, start, datetime.max.replace(tzinfo=UTC), limit=0)) == []


@each
def test_it_ends_at_both_ends_of_the_calendar(spec: dict[str, object]) -> None:
    schedule = parse(spec)
    assert next_occurrence(schedule, datetime.max.replace(tzinfo=UTC)) is None
    assert next_occurrence(schedule, datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))) is None
    assert next_occurrence(schedule, datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))) in (
        None,
        *occurrences(schedule, datetime.min.replace(tzinfo=UTC), at("0002-01-03 00:00")),
    )
    assert list(occurrences(schedule, at("9997-12-31 00:00"), datetime.max.replace(tzinfo=UTC)))


@each
def test_answers_are_utc_whatever_zone_is_asked_in(spec: dict[str, object]) -> None:
    schedule, there = parse(spec), timezone(timedelta(hours=9))
    start, end = at("2027-06-01 00:00"), at("2027-06-03 00:00")
    found = list(occurrences(schedule, start.astimezone(there), end.astimezone(there)))
    assert found == list(occurrences(schedule, start, end))
    assert {instant.tzinfo for instant in found} == {UTC}


@each
def test_naive_times_are_refused_at_once(spec: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="aware"):
        next_occurrence(parse(spec), datetime(2027, 1, 1))
    with pytest.raises(ValueError, match="aware"):
        occurrences(parse(spec), datetime(2027, 1, 1), at("2027-06-01 00:00"))


def test_next_looks_fifty_years_ahead_and_no_further() -> None:
    far = parse({"every": "1d", "anchor": "2090-01-01"})
    assert next_occurrence(far, at("2027-01-01 00:00")) is None
    assert next_occurrence(far, at("2090-01-01 00:00") - HORIZON) == at("2090-01-01 00:00")
    leap_sunday = parse({"cron": "0 0 29 2 */7"})
    assert next_occurrence(leap_sunday, at("2088-03-01 00:00")) == at("2128-02-29 00:00")


@pytest.mark.parametrize("cron", ["* * 29 2 *", "*/5 * 29 2 */7", "0 0 29 2 */7", "0 0 * 2 MON#5"])
def test_rare_expressions_end_in_every_kind_of_zone(cron: str) -> None:
    for timezone_name in ("UTC", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe"):
        schedule = parse({"cron": cron, "timezone": timezone_name})
        moment: datetime | None = at("2027-01-01 00:00")
        for _ in range(3):
            assert moment is not None
            moment = next_occurrence(schedule, moment)
        assert moment is not None
