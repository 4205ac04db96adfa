"""What calendars take out of a schedule, against a reading of each instant by itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.schedules.cases import CronCase, Window, crons, profile, windows
from tests.unit.schedules.oracle import at
from turnout.core.errors import ScheduleError
from turnout.schedules import describe, next_occurrence, occurrences, parse
from turnout.schedules.model import Sifted

NEW_YORK = "America/New_York"
ELECTION = {"name": "election-day", "timezone": NEW_YORK, "dates": ["2026-11-03"], "windows": {"b": "18:00-21:00"}}


def fires(cron: str, start: str, end: str, timezone: str = NEW_YORK, **uses: Any) -> list[str]:
    """Local times."""
    found = occurrences(parse({"cron": cron, "timezone": timezone, "calendar": uses}), at(start), at(end))
    return [f"{moment.astimezone(ZoneInfo(timezone)):%m-%d %H:%M%z}" for moment in found]


def of(**fields: Any) -> dict[str, Any]:
    return {"name": "a", "timezone": NEW_YORK, **fields}


def holds(spec: dict[str, Any], moment: datetime) -> bool:
    """Whether a calendar holds, by what its clock shows alone."""
    local = moment.astimezone(ZoneInfo(spec["timezone"])).replace(tzinfo=None)

    def has(day: date) -> bool:
        ranges = [text.split("..") for text in spec.get("dates", ())]
        return not ranges or any(parts[0] <= day.isoformat() <= parts[-1] for parts in ranges)

    def within(text: str) -> bool:
        begins, ends = text.split("-")
        now = f"{local:%H:%M}"
        if begins < ends:
            return has(local.date()) and begins <= now < ends
        late, early = now >= begins, now < ends
        return (late and has(local.date())) or (early and has(local.date() - timedelta(days=1)))

    listed = spec.get("windows", {}).values()
    return any(within(text) for text in listed) if listed else has(local.date())


TIMES = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
WINDOWS = st.tuples(TIMES, TIMES | st.just("24:00")).filter(lambda pair: pair[0] != pair[1]).map("-".join)


@st.composite
def calendar(draw: st.DrawFn, window: Window) -> dict[str, Any]:
    day = window.start.date() + timedelta(days=draw(st.integers(-2, 2)))
    dates = draw(st.sampled_from([[], [f"{day}"], [f"{day}..{day + timedelta(days=1)}"], ["1991-01-01", f"{day}"]]))
    times = draw(st.lists(WINDOWS, max_size=2))
    if not dates and not times:
        times = ["01:00-02:30"]
    zone = draw(st.sampled_from([window.zone, NEW_YORK]))
    return {"name": "a", "timezone": zone, "dates": dates, "windows": {str(n): text for n, text in enumerate(times)}}


@profile(200)
@given(st.data(), windows(), crons() | st.sampled_from(["* * * * *", "*/7 * * * *"]))
def test_what_is_left_is_what_no_calendar_takes(data: st.DataObject, window: Window, case: CronCase | str) -> None:
    expression = case if isinstance(case, str) else case.expression
    spec = {"cron": expression, "timezone": window.zone}
    skip = data.draw(st.lists(calendar(window), max_size=2))
    only = data.draw(st.lists(calendar(window), min_size=0 if skip else 1, max_size=2))
    schedule = parse({**spec, "calendar": {"skip": skip, "only": only}})
    assert isinstance(schedule, Sifted)
    expected = [
        moment
        for moment in occurrences(parse(spec), window.start, window.end)
        if not any(holds(each, moment) for each in skip) and (not only or any(holds(each, moment) for each in only))
    ]
    assert list(occurrences(schedule, window.start, window.end)) == expected
    halves = ((window.start, window.cut), (window.cut, window.end))
    assert [moment for start, end in halves for moment in occurrences(schedule, start, end)] == expected


def test_a_blackout_on_one_day() -> None:
    hourly = fires("0 17-21 * * *", "2026-11-03 05:00", "2026-11-05 05:00", skip=[ELECTION])
    assert hourly == [
        "11-03 17:00-0500", "11-03 21:00-0500",
        "11-04 17:00-0500", "11-04 18:00-0500", "11-04 19:00-0500", "11-04 20:00-0500", "11-04 21:00-0500",
    ]  # fmt: skip
    assert fires("0 * * * *", "2026-11-03 05:00", "2026-11-05 05:00", only=[ELECTION]) == [
        "11-03 18:00-0500", "11-03 19:00-0500", "11-03 20:00-0500"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cron", "start", "end", "windows", "left"),
    [
        # 02:00 EST becomes 03:00 EDT: what was due at 02:30 starts at 03:00, which is not in the window
        ("30 2 * * *", "2027-03-14 05:00", "2027-03-14 12:00", "02:00-03:00", ["03-14 03:00-0400"]),
        ("30 2 * * *", "2027-03-14 05:00", "2027-03-14 12:00", "02:00-03:01", []),
        # 02:00 EDT becomes 01:00 EST: the window comes twice, and holds twice
        ("*/30 * * * *", "2027-11-07 04:59", "2027-11-07 07:00", "01:00-02:00",
         ["11-07 01:00-0400", "11-07 01:30-0400", "11-07 01:00-0500", "11-07 01:30-0500"]),
        ("*/30 * * * *", "2027-11-07 04:59", "2027-11-07 07:00", "01:15-02:00",
         ["11-07 01:30-0400", "11-07 01:30-0500"]),
    ],
)  # fmt: skip
def test_where_the_clock_changes(cron: str, start: str, end: str, windows: str, left: list[str]) -> None:
    way = "skip" if cron.startswith("30") else "only"
    assert fires(cron, start, end, **{way: [of(windows={"a": windows})]}) == left


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = of(dates=["2026-12-31"], windows={"a": "22:00-02:00"})
    found = fires("0 * * * *", "2026-12-31 05:00", "2027-01-02 05:00", only=[night])
    assert [moment[:11] for moment in found] == ["12-31 22:00", "12-31 23:00", "01-01 00:00", "01-01 01:00"]


def test_a_calendar_has_a_zone_of_its_own() -> None:
    day = {"name": "a", "timezone": "Asia/Tokyo", "dates": ["2026-11-03"]}
    assert fires("0 9,11 * * *", "2026-11-02 05:00", "2026-11-04 05:00", skip=[day]) == [
        "11-02 09:00-0500", "11-03 11:00-0500"
    ]  # fmt: skip


def test_one_that_leaves_nothing_ends() -> None:
    over = {"only": [of(dates=["2020-01-01"])]}
    always = {"skip": [of(windows={"a": "18:00-21:00"})]}
    for cron, uses in (("* * * * *", over), ("0 19 * * *", over), ("0 19 * * *", always), ("*/5 19 * * *", always)):
        schedule = parse({"cron": cron, "timezone": NEW_YORK, "calendar": uses})
        assert next_occurrence(schedule, at("2026-11-03 00:00")) is None
        assert list(occurrences(schedule, at("2026-11-03 00:00"), at("2026-12-03 00:00"))) == []


def test_a_far_day_is_found_without_looking_at_each_second() -> None:
    spec = {"every": 1, "calendar": {"only": [of(dates=["2046-11-03"], windows={"a": "06:00-07:00"})]}}
    assert next_occurrence(parse(spec), at("2026-11-03 00:00")) == datetime(2046, 11, 3, 10, tzinfo=UTC)
    closed = {"every": 1, "calendar": {"skip": [of(dates=["2026-11-03..2036-11-02"])]}}
    assert next_occurrence(parse(closed), at("2026-11-03 12:00")) == datetime(2036, 11, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "what"),
    [
        ({"name": "a"}, "calendar 'a' names no dates and no windows"),
        (of(dates=["2026-02-30"]), "'2026-02-30' is not a date"),
        (of(dates=["03.11.2026"]), "'03.11.2026' is not a date"),
        (of(dates=["2026-11-03..2026-11-02"]), "'2026-11-03..2026-11-02' ends before it begins"),
        (of(dates="2026-11-03"), "calendar 'a' cannot be read"),
        (of(dates=["2026-11-03"] * 500), "calendar 'a' has more than 400 dates"),
        (of(windows={"a": "25:00-26:00"}), "'25:00-26:00' is not a time of day"),
        (of(windows={"a": "18:00-18:00"}), "the window '18:00-18:00' is empty"),
        ({"name": "a", "dates": ["2026-11-03"], "timezone": "Mars"}, "timezone 'Mars' is unknown"),
    ],
)
def test_what_no_calendar_can_be(calendar: dict[str, Any], what: str) -> None:
    for uses in ({"skip": [calendar]}, {"only": [calendar]}):
        with pytest.raises(ScheduleError) as refused:
            parse({"every": "1h", "calendar": uses})
        assert refused.value.what.startswith(what)
        assert refused.value.fix


@pytest.mark.parametrize("uses", ["a", ["a"], {"skip": "a"}, {"skip": ["a"]}])
def test_what_is_no_use_of_calendars(uses: object) -> None:
    with pytest.raises(ScheduleError, match="calendar cannot be read"):
        parse({"every": "1h", "calendar": uses})


def test_without_calendars_it_is_the_schedule_itself() -> None:
    assert parse({"every": "1h", "calendar": {"skip": [], "only": []}}) == parse({"every": "1h", "calendar": None})


def test_it_says_so() -> None:
    uses = {"skip": [ELECTION, of()], "only": [of(name="season")]}
    uses["skip"][1]["dates"] = uses["only"][0]["dates"] = ["2026-11-04"]
    said = describe(parse({"every": "1h", "calendar": uses}))
    assert said == "every hour, only season, not election-day and a"
