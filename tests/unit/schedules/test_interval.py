from datetime import timedelta

import pytest

from tests.unit.schedules.oracle import at
from turnout.core.errors import ScheduleError
from turnout.schedules import next_occurrence, occurrences, parse
from turnout.schedules.model import Interval


@pytest.mark.parametrize(
    ("every", "length"), [(900, 900), ("15m", 900), (1.5, 1.5), ("1h30m", 5400), ("1w", 604800), (1, 1)]
)
def test_lengths_are_read(every: object, length: float) -> None:
    schedule = parse({"every": every})
    assert isinstance(schedule, Interval)
    assert schedule.every == timedelta(seconds=length)


@pytest.mark.parametrize(
    "every",
    [
        0,
        -5,
        0.5,
        "0s",
        "-5m",
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        "5 parsecs",
        "",
        True,
        [900],
        {"minutes": 5},
        "9" * 1_000_000,
        "12000d",
    ],
)
def test_other_lengths_are_refused(every: object) -> None:
    with pytest.raises(ScheduleError, match=r"every: .* not ") as caught:
        parse({"every": every})
    assert "15m" in (caught.value.fix or "")
    assert len(str(caught.value)) < 250


def test_the_anchor_is_the_first() -> None:
    schedule = parse({"every": "1h", "anchor": "2027-06-01T09:20", "timezone": "Europe/London"})
    assert next_occurrence(schedule, at("2020-01-01 00:00")) == at("2027-06-01 08:20")
    found = list(occurrences(schedule, at("2027-06-01 08:20"), at("2027-06-01 10:20")))
    assert found == [at("2027-06-01 09:20"), at("2027-06-01 10:20")]


def test_without_anchor_it_falls_on_the_hour_and_on_monday() -> None:
    assert next_occurrence(parse({"every": "1h"}), at("2027-06-01 08:20")) == at("2027-06-01 09:00")
    week = next_occurrence(parse({"every": "1w", "timezone": "Asia/Tokyo"}), at("2027-06-01 08:20"))
    assert week == at("2027-06-06 15:00")  # Monday, midnight in Tokyo


def test_it_ends_where_the_calendar_does() -> None:
    schedule = parse({"every": "3000d"})
    assert next_occurrence(schedule, at("9997-12-31 00:00")) is None
    assert list(occurrences(schedule, at("9990-01-01 00:00"), at("9999-12-31 00:00")))
