from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.unit.schedules.oracle import ZONES, at
from turnout.core.errors import ScheduleError
from turnout.schedules import next_occurrence, parse, zones


@pytest.mark.parametrize(
    "name", ["UTC", "America/New_York", "America/Argentina/ComodRivadavia", "Etc/GMT+5", "EST5EDT"]
)
def test_iana_names_are_zones(name: str) -> None:
    assert zones.zone(name).key == name


def test_every_zone_of_the_database_is_one() -> None:
    assert [zones.zone(name).key for name in ZONES] == ZONES


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "Europe/../Europe/Rome", "Europe//Rome", "Europe/", "", ".", "x" * 1_000_000,
     "\N{SLIGHTLY SMILING FACE}", "Europe/Rome\n", "Europe/Rome\x00", "UTC ", "C:\\Windows", 5, None, ["UTC"], b"UTC"],
)  # fmt: skip
def test_what_is_not_even_shaped_like_a_name_never_reaches_a_path(
    name: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zones, "ZoneInfo", lambda key: pytest.fail(f"asked for {key!r:.80}"))
    with pytest.raises(ScheduleError, match="is not a zone name") as caught:
        zones.zone(name)
    assert len(str(caught.value)) < 250
    assert str(caught.value).isascii()


@pytest.mark.parametrize("name", ["localtime", "Factory", "Mars/Olympus", "etc/passwd", "Europe"])
def test_unknown_and_machine_dependent_names_are_refused(name: str) -> None:
    with pytest.raises(ScheduleError, match="is unknown"):
        zones.zone(name)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("America/New_Yrok", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("New York", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("Europe/Lodnon", "Europe/London"),
    ],
)
def test_a_slip_is_met_with_the_name_that_was_meant(wrong: str, right: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        zones.zone(wrong)
    assert right in (caught.value.fix or "")


def test_a_wall_time_means_its_first_instant() -> None:
    place = ZoneInfo("America/New_York")
    times = {
        "2027-03-14T02:30": "2027-03-14 07:00",
        "2027-11-07T01:30": "2027-11-07 05:30",
        "2027-06-01T12:00": "2027-06-01 16:00",
    }
    assert {text: zones.first_instant(place, datetime.fromisoformat(text)) for text in times} == {
        text: at(utc) for text, utc in times.items()
    }


@pytest.mark.parametrize(
    "name", ["America/New_York", "Africa/Casablanca", "Antarctica/Vostok", "Pacific/Apia", "Asia/Gaza"]
)
def test_wall_times_in_order_mean_instants_in_order(name: str) -> None:
    place, year = ZoneInfo(name), 2011 if name != "Antarctica/Vostok" else 1994
    times = [datetime(year, 1, 1) + timedelta(minutes=20 * n) for n in range(366 * 72)]
    instants = [zones.first_instant(place, time) for time in times]
    assert instants == sorted(instants)


def test_offsets_are_steady_until_the_change() -> None:
    place = ZoneInfo("America/New_York")
    assert zones.steady_until(place, at("2027-01-01 00:00")) == at("2027-03-14 07:00")
    assert zones.steady_until(place, at("2027-03-14 06:59")) == at("2027-03-14 07:00")
    assert zones.steady_until(place, at("2027-03-14 07:00")) == at("2027-11-07 06:00")
    assert zones.steady_until(place, at("2027-11-07 06:00")) == at("2028-01-01 00:00")
    assert zones.steady_until(ZoneInfo("UTC"), at("2027-11-07 06:00")) == at("2028-01-01 00:00")


def test_no_zone_changes_twice_within_the_step_that_looks_for_changes() -> None:
    busy = {"Asia/Gaza", "America/Noronha", "America/Recife", "Africa/Casablanca", "Africa/Cairo", "Africa/Tunis"}
    for name in ZONES:
        place = ZoneInfo(name)
        years = range(1990, 2041) if name in busy else (2000, 2011, 2027)
        found = [change for year in years for change in zones._changes(place, year)]
        assert found == sorted(set(found))
        assert all(later - sooner > timedelta(days=3) for sooner, later in pairwise(found)), name


def test_a_stored_schedule_follows_the_rules_of_the_database_it_is_read_with(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = parse({"cron": "0 9 * * *", "timezone": "America/New_York"})
    now = datetime(2027, 7, 1, tzinfo=UTC)
    assert next_occurrence(schedule, now) == at("2027-07-01 13:00")
    monkeypatch.setattr(zones, "zone", lambda name: ZoneInfo("America/Panama"))  # the law: no summer time any more
    assert next_occurrence(schedule, now) == at("2027-07-01 14:00")
    assert next_occurrence(schedule, at("2027-07-01 13:00")) == at("2027-07-01 14:00")
