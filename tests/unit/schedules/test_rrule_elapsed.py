from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.unit.schedules.oracle import at
from turnout.core.errors import ScheduleError
from turnout.schedules import next_occurrence, occurrences, parse


def fires(rule: str, anchor: str, start: str, end: str, timezone: str = "America/New_York") -> list[datetime]:
    schedule = parse({"rrule": rule, "anchor": anchor, "timezone": timezone})
    return list(occurrences(schedule, at(start), at(end)))


def test_every_fourth_hour_stays_four_hours_apart() -> None:
    found = fires("FREQ=HOURLY;INTERVAL=4", "2027-03-13T09:00", "2027-03-13 20:00", "2027-03-14 20:00")
    assert found[0] == at("2027-03-13 22:00")
    assert {later - sooner for sooner, later in pairwise(found)} == {timedelta(hours=4)}


def test_filters_read_the_wall_clock() -> None:
    rule = "FREQ=HOURLY;BYHOUR=9,17"
    assert fires(rule, "2027-01-01T00:15", "2027-03-13 05:00", "2027-03-15 04:00") == [
        at(text) for text in ("2027-03-13 14:15", "2027-03-13 22:15", "2027-03-14 13:15", "2027-03-14 21:15")
    ]


def test_an_hour_shown_twice_fires_twice_and_a_lost_one_never() -> None:
    rule = "FREQ=HOURLY;BYHOUR=1,2"
    twice = fires(rule, "2027-01-01T00:00", "2027-11-07 04:00", "2027-11-07 12:00")
    assert twice == [at("2027-11-07 05:00"), at("2027-11-07 06:00"), at("2027-11-07 07:00")]
    assert fires(rule, "2027-01-01T00:00", "2027-03-14 05:00", "2027-03-14 12:00") == [at("2027-03-14 06:00")]


def test_minutes_within_the_hour() -> None:
    rule = "FREQ=HOURLY;INTERVAL=2;BYMINUTE=0,30"
    found = fires(rule, "2027-06-01T09:10", "2027-06-01 00:00", "2027-06-01 18:00")
    assert found == [at(f"2027-06-01 {time}") for time in ("13:30", "15:00", "15:30", "17:00", "17:30")]


def test_minutes_stay_on_the_clock_through_a_half_hour_shift() -> None:
    found = fires(
        "FREQ=HOURLY;BYMINUTE=0", "2027-01-01T00:00", "2027-10-02 13:00", "2027-10-02 18:00", "Australia/Lord_Howe"
    )
    assert found == [at(f"2027-10-02 {time}") for time in ("13:30", "14:30", "16:00", "17:00", "18:00")]


def test_seconds() -> None:
    rule = "FREQ=SECONDLY;BYHOUR=9;BYMINUTE=3;BYSECOND=7,8"
    found = fires(rule, "2027-01-01T00:00", "2027-06-01 00:00", "2027-06-02 00:00")
    assert [instant.isoformat() for instant in found] == ["2027-06-01T13:03:07+00:00", "2027-06-01T13:03:08+00:00"]
    every = fires("FREQ=SECONDLY;INTERVAL=20", "2001-01-01T00:00:05", "2027-06-01 00:00", "2027-06-01 00:01")
    assert [instant.second for instant in every] == [5, 25, 45]


def test_days_counted_from_the_end_of_the_month() -> None:
    found = fires(
        "FREQ=HOURLY;BYMONTHDAY=-1;BYHOUR=12", "2027-01-01T00:00", "2028-02-01 00:00", "2028-04-01 00:00", "UTC"
    )
    assert found == [at("2028-02-29 12:00"), at("2028-03-31 12:00")]


def test_the_day_after_a_change_begins_at_its_midnight() -> None:
    rule = "FREQ=HOURLY;BYDAY=MO"
    found = fires(rule, "2027-01-01T00:00", "2027-03-14 05:30", "2027-03-15 05:00")
    assert found == [at("2027-03-15 04:00"), at("2027-03-15 05:00")]
    found = fires(rule, "2027-01-01T00:00", "2027-11-07 04:30", "2027-11-08 06:00")
    assert found == [at("2027-11-08 05:00"), at("2027-11-08 06:00")]


def test_overlaps_longer_than_an_hour_are_seen_whole() -> None:
    rule = "FREQ=HOURLY;BYHOUR=1"  # Troll shows 01:00 to 03:00 twice; the second 01:00 comes after the first 02:00
    assert fires(rule, "2027-01-01T00:00", "2027-10-30 12:00", "2027-10-31 12:00", "Antarctica/Troll") == [
        at("2027-10-30 23:00"),
        at("2027-10-31 01:00"),
    ]
    day = "FREQ=HOURLY;BYDAY=SA;BYHOUR=23"  # Sao Paulo falls back from Sunday 00:00 into Saturday
    found = fires(day, "2018-01-01T00:00", "2018-02-17 12:00", "2018-02-18 12:00", "America/Sao_Paulo")
    assert found == [at("2018-02-18 01:00"), at("2018-02-18 02:00")]


def test_rare_rules_are_found() -> None:
    schedule = parse(
        {"rrule": "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", "anchor": "2001-01-01", "timezone": "UTC"}
    )
    assert next_occurrence(schedule, at("2033-01-01 00:00")) == at("2060-02-29 00:00")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=5",
        "FREQ=SECONDLY;INTERVAL=120;BYMINUTE=5",
        "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=5",
        "FREQ=HOURLY;INTERVAL=168;BYDAY=MO",
    ],
)
def test_rules_that_never_fire_are_refused_soon(rule: str) -> None:
    with pytest.raises(ScheduleError, match="never fires"):
        parse({"rrule": rule, "anchor": "2027-01-01T00:00"})
