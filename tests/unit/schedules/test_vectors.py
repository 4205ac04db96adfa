"""Named calendar facts, pinned. Local times in comments are what the zone's clock shows."""

from datetime import datetime, timedelta

import pytest

from tests.unit.schedules.oracle import at
from turnout.schedules import occurrences, parse


def fires(cron: str, timezone: str, start: str, end: str) -> list[datetime]:
    return list(occurrences(parse({"cron": cron, "timezone": timezone}), at(start), at(end)))


NEW_YORK, LONDON = "America/New_York", "Europe/London"

GAPS = [
    # 02:00 EST becomes 03:00 EDT at 07:00Z
    ("0 2 * * *", NEW_YORK, "2027-03-14 00:00", "2027-03-15 07:00", ["2027-03-14 07:00", "2027-03-15 06:00"]),
    ("30 2 * * *", NEW_YORK, "2027-03-14 00:00", "2027-03-15 07:00", ["2027-03-14 07:00", "2027-03-15 06:30"]),
    ("30 1 * * *", NEW_YORK, "2027-03-14 00:00", "2027-03-15 07:00", ["2027-03-14 06:30", "2027-03-15 05:30"]),
    ("10 0 * * *", NEW_YORK, "2027-03-13 07:00", "2027-03-15 07:00", ["2027-03-14 05:10", "2027-03-15 04:10"]),
    ("0,30 2,3 * * *", NEW_YORK, "2027-03-14 06:59", "2027-03-14 09:00", ["2027-03-14 07:00", "2027-03-14 07:30"]),
    # 01:00 GMT becomes 02:00 BST at 01:00Z
    ("30 1 * * *", LONDON, "2027-03-28 00:00", "2027-03-29 01:00", ["2027-03-28 01:00", "2027-03-29 00:30"]),
    ("0 2 * * *", LONDON, "2027-03-28 00:00", "2027-03-28 23:00", ["2027-03-28 01:00"]),
    # Dublin, negative DST: the clock does the same as London's
    ("30 1 * * *", "Europe/Dublin", "2027-03-28 00:00", "2027-03-29 01:00", ["2027-03-28 01:00", "2027-03-29 00:30"]),
    # Lord Howe, half an hour: 02:00 +10:30 becomes 02:30 +11 at 15:30Z
    (
        "15 2 * * *",
        "Australia/Lord_Howe",
        "2027-10-02 12:00",
        "2027-10-03 16:00",
        ["2027-10-02 15:30", "2027-10-03 15:15"],
    ),
    (
        "0,10,40 2 * * *",
        "Australia/Lord_Howe",
        "2027-10-02 12:00",
        "2027-10-02 18:00",
        ["2027-10-02 15:30", "2027-10-02 15:40"],
    ),
    # Troll, two hours: 01:00 +0 becomes 03:00 +2 at 01:00Z
    ("30 1,2 * * *", "Antarctica/Troll", "2027-03-28 00:00", "2027-03-28 12:00", ["2027-03-28 01:00"]),
    # gaps at midnight: the day begins at 01:00
    (
        "0 0 * * *",
        "America/Sao_Paulo",
        "2018-11-03 04:00",
        "2018-11-05 04:00",
        ["2018-11-04 03:00", "2018-11-05 02:00"],
    ),
    ("0 0 * * *", "America/Santiago", "2027-09-04 05:00", "2027-09-06 05:00", ["2027-09-05 04:00", "2027-09-06 03:00"]),
    ("0 0 * * *", "Asia/Tehran", "2022-03-21 00:00", "2022-03-22 23:00", ["2022-03-21 20:30", "2022-03-22 19:30"]),
    ("59 23 * * *", "America/Sao_Paulo", "2018-11-03 04:00", "2018-11-05 01:00", ["2018-11-04 02:59"]),
    # Casablanca ends its Ramadan hour: 02:00 +0 becomes 03:00 +1 at 02:00Z
    (
        "30 2 * * *",
        "Africa/Casablanca",
        "2027-03-14 00:00",
        "2027-03-15 12:00",
        ["2027-03-14 02:00", "2027-03-15 01:30"],
    ),
    # Apia has no 30 December 2011: the lost day's job fires as the 31st begins; if that day's own is due then, once
    (
        "0 9 * * *",
        "Pacific/Apia",
        "2011-12-29 10:00",
        "2011-12-31 10:00",
        ["2011-12-29 19:00", "2011-12-30 10:00", "2011-12-30 19:00"],
    ),
    (
        "0 0 * * *",
        "Pacific/Apia",
        "2011-12-29 09:00",
        "2011-12-31 10:00",
        ["2011-12-29 10:00", "2011-12-30 10:00", "2011-12-31 10:00"],
    ),
]


@pytest.mark.parametrize(("cron", "timezone", "start", "end", "expected"), GAPS)
def test_a_fixed_time_in_a_gap_fires_once_after_it(
    cron: str, timezone: str, start: str, end: str, expected: list[str]
) -> None:
    assert fires(cron, timezone, start, end) == [at(text) for text in expected]


OVERLAPS = [
    # 02:00 EDT becomes 01:00 EST at 06:00Z
    ("30 1 * * *", NEW_YORK, "2027-11-07 00:00", "2027-11-08 07:00", ["2027-11-07 05:30", "2027-11-08 06:30"]),
    ("0 2 * * *", NEW_YORK, "2027-11-07 00:00", "2027-11-08 06:00", ["2027-11-07 07:00"]),
    ("10 0 * * *", NEW_YORK, "2027-11-07 00:00", "2027-11-08 06:00", ["2027-11-07 04:10", "2027-11-08 05:10"]),
    ("0,15,30,45 1 * * *", NEW_YORK, "2027-11-07 05:15", "2027-11-07 08:00", ["2027-11-07 05:30", "2027-11-07 05:45"]),
    ("30 1 * * *", LONDON, "2027-10-30 12:00", "2027-10-31 12:00", ["2027-10-31 00:30"]),
    ("30 1 * * *", "Europe/Dublin", "2027-10-30 12:00", "2027-10-31 12:00", ["2027-10-31 00:30"]),
    # 02:00 +11 becomes 01:30 +10:30 at 15:00Z
    ("45 1 * * *", "Australia/Lord_Howe", "2027-04-03 12:00", "2027-04-04 12:00", ["2027-04-03 14:45"]),
    # 03:00 +2 becomes 01:00 +0 at 01:00Z
    (
        "30 1,2 * * *",
        "Antarctica/Troll",
        "2027-10-30 12:00",
        "2027-10-31 12:00",
        ["2027-10-30 23:30", "2027-10-31 00:30"],
    ),
    # 03:00 +1 becomes 02:00 +0 at 02:00Z
    ("30 2 * * *", "Africa/Casablanca", "2027-02-07 00:00", "2027-02-07 12:00", ["2027-02-07 01:30"]),
    # midnight comes twice in spirit only: 24:00 -2 becomes 23:00 -3 at 02:00Z
    ("30 23 * * *", "America/Sao_Paulo", "2018-02-17 12:00", "2018-02-18 12:00", ["2018-02-18 01:30"]),
    ("0 0 * * *", "America/Sao_Paulo", "2018-02-17 12:00", "2018-02-18 12:00", ["2018-02-18 03:00"]),
]


@pytest.mark.parametrize(("cron", "timezone", "start", "end", "expected"), OVERLAPS)
def test_a_fixed_time_in_an_overlap_fires_in_the_first_pass(
    cron: str, timezone: str, start: str, end: str, expected: list[str]
) -> None:
    assert fires(cron, timezone, start, end) == [at(text) for text in expected]


@pytest.mark.parametrize(
    ("timezone", "start"),
    [
        (NEW_YORK, "2027-03-14 05:00"),
        (NEW_YORK, "2027-11-07 04:00"),
        (LONDON, "2027-10-30 23:00"),
        ("Australia/Lord_Howe", "2027-04-03 13:00"),
        ("Australia/Lord_Howe", "2027-10-02 13:00"),
        ("Antarctica/Troll", "2027-10-30 23:00"),
        ("Pacific/Apia", "2011-12-30 06:00"),
        ("Asia/Kathmandu", "2027-01-01 00:00"),
    ],
)
def test_quarter_hours_never_pause_and_never_stutter(timezone: str, start: str) -> None:
    found = fires("*/15 * * * *", timezone, start, (at(start) + timedelta(hours=8)).isoformat(" ")[:16])
    assert found == [at(start) + timedelta(minutes=15 * n) for n in range(1, 33)]


def test_every_hour_fires_in_both_passes() -> None:
    found = fires("0 * * * *", NEW_YORK, "2027-11-07 04:30", "2027-11-07 08:00")
    assert found == [at(f"2027-11-07 0{hour}:00") for hour in (5, 6, 7, 8)]  # 01:00 EDT, 01:00 EST, 02:00, 03:00


def test_every_hour_is_not_doubled_by_a_gap() -> None:
    found = fires("0 * * * *", NEW_YORK, "2027-03-14 05:30", "2027-03-14 08:00")
    assert found == [at(f"2027-03-14 0{hour}:00") for hour in (6, 7, 8)]  # 01:00 EST, 03:00 EDT, 04:00


def test_every_fourth_hour_keeps_to_the_clock() -> None:
    found = fires("0 */4 * * *", NEW_YORK, "2027-03-14 00:00", "2027-03-14 17:00")
    assert found == [at(f"2027-03-14 {time}") for time in ("01:00", "05:00", "08:00", "12:00", "16:00")]


def test_a_wildcard_hour_that_a_gap_removed_is_not_made_up() -> None:
    found = fires("20 */2 * * *", NEW_YORK, "2027-03-14 05:00", "2027-03-14 09:00")
    assert found == [at("2027-03-14 05:20"), at("2027-03-14 08:20")]  # 00:20 EST, 04:20 EDT


def test_airflow_30088_does_not_stop_at_a_change() -> None:
    for start in ("2027-03-13 00:00", "2027-11-06 00:00"):
        assert len(fires("20 */4 * * *", NEW_YORK, start, (at(start) + timedelta(days=3)).isoformat(" ")[:16])) == 18


RARE_DAYS = [
    ("0 12 29 2 *", "2027-01-01 00:00", "2033-01-01 00:00", ["2028-02-29 12:00", "2032-02-29 12:00"]),
    (
        "0 12 31 * *",
        "2027-01-01 00:00",
        "2027-06-01 00:00",
        ["2027-01-31 12:00", "2027-03-31 12:00", "2027-05-31 12:00"],
    ),
    (
        "0 12 L * *",
        "2028-01-01 00:00",
        "2028-04-01 00:00",
        ["2028-01-31 12:00", "2028-02-29 12:00", "2028-03-31 12:00"],
    ),
    ("59 23 31 12 *", "2027-01-01 00:00", "2029-01-01 00:00", ["2027-12-31 23:59", "2028-12-31 23:59"]),
    ("0 0 1 1 *", "2027-12-31 23:59", "2028-01-01 00:00", ["2028-01-01 00:00"]),
    ("0 0 29 2 */7", "2027-01-01 00:00", "2070-01-01 00:00", ["2032-02-29 00:00", "2060-02-29 00:00"]),
]


@pytest.mark.parametrize(("cron", "start", "end", "expected"), RARE_DAYS)
def test_rare_days(cron: str, start: str, end: str, expected: list[str]) -> None:
    assert fires(cron, "UTC", start, end) == [at(text) for text in expected]


def test_offsets_with_seconds_of_the_far_past() -> None:
    # Until 18 November 1883, 12:03:58 local, New York was 4:56:02 behind; then noon came again as 12:00 EST (17:00Z).
    assert fires("0 9 * * *", NEW_YORK, "1883-11-17 00:00", "1883-11-19 23:00") == [
        datetime.fromisoformat(text)
        for text in ("1883-11-17T13:56:02+00:00", "1883-11-18T13:56:02+00:00", "1883-11-19T14:00:00+00:00")
    ]
    found = fires("* * * * *", NEW_YORK, "1883-11-18 16:58", "1883-11-18 17:01")
    assert [instant.strftime("%H:%M:%S") for instant in found] == ["16:58:02", "16:59:02", "17:00:00", "17:01:00"]


def test_an_interval_does_not_see_the_clock_change() -> None:
    schedule = parse({"every": "1d", "anchor": "2027-03-13T09:00", "timezone": NEW_YORK})
    found = list(occurrences(schedule, at("2027-03-13 00:00"), at("2027-03-16 00:00")))
    assert found == [at("2027-03-13 14:00"), at("2027-03-14 14:00"), at("2027-03-15 14:00")]


def test_a_rule_keeps_to_the_clock_across_the_change() -> None:
    schedule = parse({"rrule": "FREQ=DAILY", "anchor": "2027-03-13T02:30", "timezone": NEW_YORK})
    found = list(occurrences(schedule, at("2027-03-13 00:00"), at("2027-03-16 00:00")))
    assert found == [at("2027-03-13 07:30"), at("2027-03-14 07:00"), at("2027-03-15 06:30")]


def test_a_schedule_edited_around_its_minute_neither_repeats_nor_loses_it() -> None:
    old, new = (parse({"cron": cron, "timezone": LONDON}) for cron in ("0 9 * * *", "1 9 * * *"))
    fired = at("2027-06-01 08:00")
    assert list(occurrences(old, fired - timedelta(minutes=1), fired)) == [fired]
    assert next(occurrences(old, fired, fired + timedelta(days=2))) == fired + timedelta(days=1)
    assert next(occurrences(new, fired, fired + timedelta(days=2))) == fired + timedelta(minutes=1)
