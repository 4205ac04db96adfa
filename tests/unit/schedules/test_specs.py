from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.unit.schedules.oracle import at
from turnout.core.errors import ScheduleError
from turnout.schedules import parse
from turnout.schedules.model import Cron, Interval, RRule


def test_three_kinds() -> None:
    assert isinstance(parse({"cron": "5 21 * * *", "timezone": "America/New_York"}), Cron)
    assert isinstance(parse({"every": "15m"}), Interval)
    assert isinstance(parse({"rrule": "FREQ=WEEKLY;BYDAY=MO"}), RRule)


def test_a_stored_spec_is_read_as_it_is() -> None:
    stored = {
        "slug": "nightly",
        "cron": "5 21 * * *",
        "every": None,
        "rrule": None,
        "anchor": None,
        "timezone": "UTC",
        "parameters": {"a": 1},
        "catch_up": "latest",
        "paused": False,
    }
    assert parse(stored) == parse({"cron": "5 21 * * *"})


def test_schedules_are_values() -> None:
    spec = {"rrule": "FREQ=DAILY", "anchor": "2027-01-01T09:00", "timezone": "Asia/Tokyo"}
    assert parse(spec) == parse(dict(spec))
    assert hash(parse(spec)) == hash(parse(spec))


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("2027-06-01T09:00", "2027-06-01 13:00"),
        ("2027-06-01 09:00:00", "2027-06-01 13:00"),
        ("2027-06-01T09:00Z", "2027-06-01 09:00"),
        ("2027-06-01T09:00+02:00", "2027-06-01 07:00"),
        ("2027-06-01", "2027-06-01 04:00"),
        (date(2027, 6, 1), "2027-06-01 04:00"),
        (datetime(2027, 6, 1, 9), "2027-06-01 13:00"),
        (datetime(2027, 6, 1, 9, tzinfo=UTC), "2027-06-01 09:00"),
        ("2027-03-14T02:30", "2027-03-14 07:00"),
        ("2027-11-07T01:30", "2027-11-07 05:30"),
    ],
)
def test_anchors_are_local_unless_they_carry_an_offset(anchor: object, expected: str) -> None:
    for key in ("anchor", "dtstart"):
        schedule = parse({"every": 900, key: anchor, "timezone": "America/New_York"})
        assert isinstance(schedule, Interval)
        assert schedule.anchor == at(expected)


@pytest.mark.parametrize(
    "anchor",
    [
        "yesterday",
        "",
        "2027-13-01",
        "9" * 1000,
        5,
        1.5,
        "0001-01-01",
        "9999-12-31T23:59-12:00",
        datetime.max,
        datetime.min,
        ["2027-01-01"],
    ],
)
def test_other_anchors_are_refused(anchor: object) -> None:
    with pytest.raises(ScheduleError, match="anchor") as caught:
        parse({"every": 900, "anchor": anchor})
    assert caught.value.fix


@pytest.mark.parametrize(
    ("spec", "what", "fix"),
    [
        ({}, "nothing about when", "exactly one"),
        ({"timezone": "UTC"}, "nothing about when", "exactly one"),
        ({"cron": "* * * * *", "every": 60}, "cron and every", "exactly one"),
        ({"cron": "* * * * *", "anchor": "2027-01-01"}, "no anchor", "leave it out"),
        ({"every": 60, "anchor": "2027-01-01", "dtstart": "2027-01-01"}, "two names", "one out"),
        ({"cron": "* * * * *", "timzone": "UTC"}, "'timzone'", "timezone"),
        ({"crn": "* * * * *"}, "'crn'", "cron"),
        ({"cron": "* * * * *", "x" * 1_000_000: 1}, "'xxx", "use cron"),
        ({"cron": "* * * * *", "timezone": "../../etc/passwd"}, "zone name", "America/New_York"),
    ],
)
def test_other_specs_are_refused(spec: dict[str, Any], what: str, fix: str) -> None:
    with pytest.raises(ScheduleError, match=what) as caught:
        parse(spec)
    assert fix in (caught.value.fix or "")
    assert len(str(caught.value)) < 300
