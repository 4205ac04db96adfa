from datetime import UTC, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.schedules.cases import profile
from tests.unit.schedules.oracle import CASES, at
from turnout.core.errors import ScheduleError
from turnout.schedules import next_occurrence, occurrences, parse
from turnout.schedules.model import RRule


def made(rule: object, anchor: object = "2027-01-04T09:00", timezone: str = "America/New_York") -> RRule:
    schedule = parse({"rrule": rule, "anchor": anchor, "timezone": timezone})
    assert isinstance(schedule, RRule)
    return schedule


def fires(schedule: RRule, start: str, end: str) -> list[datetime]:
    return list(occurrences(schedule, at(start), at(end)))


NUMBERS = st.sampled_from(
    (
        "",
        ";BYMONTH=1,6",
        ";BYMONTHDAY=-1",
        ";BYMONTHDAY=1,15,31",
        ";BYDAY=MO,FR",
        ";BYHOUR=3,9,21",
        ";BYMINUTE=0,30",
        ";BYMONTHDAY=29;BYMONTH=2",
        ";WKST=SU",
        ";BYDAY=TU,TH;WKST=SU",
    )
)
POSITIONS = {
    "YEARLY": (";BYDAY=1MO,-1FR", ";BYWEEKNO=1,53", ";BYYEARDAY=1,200,-1", ";BYDAY=MO;BYSETPOS=-1", ";BYDAY=20MO"),
    "MONTHLY": (";BYDAY=2TU", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ";BYDAY=FR;BYMONTHDAY=13", ";BYDAY=-1SU"),
    "WEEKLY": (";BYDAY=MO,WE,FR;BYSETPOS=1", ";BYDAY=MO,WE;BYSETPOS=-1;WKST=WE", ""),
    "DAILY": (";BYHOUR=3,9,21;BYSETPOS=2", ";BYDAY=MO", ""),
}


@profile(CASES // 10)
@given(st.data())
def test_starting_near_the_window_changes_nothing(data: st.DataObject) -> None:
    """dateutil alone, walking from the anchor, in a zone without changes, is the oracle."""
    freq = data.draw(st.sampled_from(sorted(POSITIONS)))
    extra = data.draw(NUMBERS) if data.draw(st.booleans()) else data.draw(st.sampled_from(POSITIONS[freq]))
    rule = f"FREQ={freq};INTERVAL={data.draw(st.integers(1, 4))}{extra}"
    anchor = datetime(2000, 1, 1) + timedelta(minutes=data.draw(st.integers(0, 1_500_000)))
    start = anchor + timedelta(minutes=data.draw(st.integers(-10_000, 6_000_000)))
    wkst = "" if "WKST" in rule else ";WKST=MO"
    naive = rrulestr(rule + wkst, dtstart=anchor)
    expected = [time.replace(tzinfo=UTC) for time, _ in zip(naive.xafter(start), range(4), strict=False)]
    try:
        schedule = made(rule, anchor.isoformat(), "UTC")
    except ScheduleError:
        assert not expected or expected[0].year > anchor.year + 50
        return
    found = occurrences(schedule, start.replace(tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC), limit=4)
    assert list(found) == expected


@pytest.mark.parametrize("start", ["2027-03-04 08:00", "2027-03-04 10:00", "2027-03-05 08:00", "2027-03-07 00:00"])
def test_positions_in_a_week_count_the_whole_week(start: str) -> None:
    schedule = made("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2027-01-07T09:00", "UTC")  # a Thursday
    assert next_occurrence(schedule, at(start)) == at("2027-03-08 09:00")


def test_what_the_rule_leaves_open_comes_from_the_anchor() -> None:
    assert fires(made("FREQ=WEEKLY"), "2027-02-01 00:00", "2027-02-09 00:00") == [
        at("2027-02-01 14:00"),
        at("2027-02-08 14:00"),
    ]
    monthly = fires(made("FREQ=MONTHLY", "2027-01-31T09:00"), "2028-02-01 00:00", "2028-06-01 00:00")
    assert monthly == [at("2028-03-31 13:00"), at("2028-05-31 13:00")]
    assert next_occurrence(made("FREQ=YEARLY", "2024-02-29T09:00"), at("2025-01-01 00:00")) == at("2028-02-29 14:00")


def test_without_anchor_it_begins_on_a_monday_at_midnight() -> None:
    schedule = parse({"rrule": "FREQ=WEEKLY", "timezone": "America/New_York"})
    assert next_occurrence(schedule, at("2027-01-05 00:00")) == at("2027-01-11 05:00")


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;INTERVAL=2", "FREQ=DAILY;COUNT=3", "FREQ=HOURLY;INTERVAL=4"])
def test_what_counts_from_the_anchor_needs_one(rule: str) -> None:
    with pytest.raises(ScheduleError, match="counts from a start") as caught:
        parse({"rrule": rule})
    assert "anchor" in (caught.value.fix or "")


def test_the_anchor_itself_fires_only_if_it_matches_and_nothing_fires_before() -> None:
    assert next_occurrence(made("FREQ=DAILY"), at("2000-01-01 00:00")) == at("2027-01-04 14:00")
    assert next_occurrence(made("FREQ=WEEKLY;BYDAY=TU"), at("2000-01-01 00:00")) == at("2027-01-05 14:00")
    second_pass = made("FREQ=DAILY", "2027-11-07T06:30:00Z")  # 01:30 EST; 01:30 EDT was an hour before
    assert next_occurrence(second_pass, at("2027-11-07 00:00")) == at("2027-11-08 06:30")


def test_count_counts_from_the_anchor_wherever_the_window_begins() -> None:
    schedule = made("FREQ=DAILY;COUNT=3")
    assert fires(schedule, "2000-01-01 00:00", "2030-01-01 00:00") == [at(f"2027-01-0{day} 14:00") for day in (4, 5, 6)]
    assert fires(schedule, "2027-01-05 14:00", "2030-01-01 00:00") == [at("2027-01-06 14:00")]
    assert next_occurrence(schedule, at("2027-01-06 14:00")) is None
    assert len(fires(made("FREQ=YEARLY;COUNT=10000"), "2000-01-01 00:00", "9000-01-01 00:00")) == 101


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270106", "2027-01-06 14:00"),
        ("20270106T090000", "2027-01-06 14:00"),
        ("20270106T085959", "2027-01-05 14:00"),
        ("20270106T140000Z", "2027-01-06 14:00"),
        ("20270106T135959Z", "2027-01-05 14:00"),
    ],
)
def test_until_is_the_last_instant_allowed(until: str, last: str) -> None:
    schedule = made(f"FREQ=DAILY;UNTIL={until}")
    assert fires(schedule, "2027-01-01 00:00", "2028-01-01 00:00")[-1] == at(last)
    assert next_occurrence(schedule, at(last)) is None


def test_capitals_and_the_property_name_do_not_matter() -> None:
    assert made("rrule:freq=weekly;byday=mo;") == made("FREQ=WEEKLY;BYDAY=MO")


@pytest.mark.parametrize(
    ("rule", "what", "fix"),
    [
        ("", "cannot be read", "FREQ"),
        ("FREQ", "cannot be read", "FREQ"),
        ("BYDAY=MO", "no FREQ", "WEEKLY"),
        ("FREQ=FORTNIGHTLY", "no FREQ", "WEEKLY"),
        ("FREQ=DAILY;FREQ=DAILY", "cannot be read", "at most once"),
        ("FREQ=DAILY;BYEASTER=1", "cannot be read", "BYMONTH"),
        ("FREQ=DAILY;BYHOUR=", "cannot be read", ""),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL", "from 1"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL", "from 1"),
        ("FREQ=DAILY;INTERVAL=1,2", "INTERVAL", "from 1"),
        ("FREQ=DAILY;INTERVAL=99999999999999", "INTERVAL", "from 1"),
        ("FREQ=DAILY;COUNT=1000000", "COUNT", "10000"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH", "to 12"),
        ("FREQ=DAILY;BYMONTHDAY=0", "BYMONTHDAY", "not 0"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR", "to 23"),
        ("FREQ=DAILY;BYHOUR=x", "BYHOUR", "to 23"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY", "MONTHLY"),
        ("FREQ=MONTHLY;BYDAY=99MO", "BYDAY", "MO to SU"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY", "MO to SU"),
        ("FREQ=WEEKLY;WKST=XX", "WKST", "MO"),
        ("FREQ=HOURLY;BYSETPOS=1", "BYSETPOS needs", "leave"),
        ("FREQ=HOURLY;BYWEEKNO=1", "BYWEEKNO needs", "leave"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL", "20271231"),
        ("FREQ=DAILY;UNTIL=20271301", "UNTIL", "20271231"),
        ("FREQ=DAILY;UNTIL=20270101T250000", "UNTIL", "20271231"),
        ("FREQ=DAILY;UNTIL=20200101", "never fires", "UNTIL"),
        ("DTSTART:20270101T090000\nRRULE:FREQ=DAILY", "more than one", "anchor"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never fires", "50 years"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never fires", "50 years"),
        ("FREQ=WEEKLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=30", "never fires", "50 years"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "never fires", "50 years"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "never fires", "50 years"),
        ("FREQ=DAILY;BYSETPOS=5", "never fires", "50 years"),
        ("A" * 1_000_000, "is not a recurrence rule", "FREQ"),
        ("FREQ=DAILY;\N{SLIGHTLY SMILING FACE}=1", "is not a recurrence rule", "FREQ"),
        (5, "is not a recurrence rule", "FREQ"),
    ],
)
def test_what_cannot_be_says_what_and_how_to_mend_it(rule: object, what: str, fix: str) -> None:
    with pytest.raises(ScheduleError, match=what) as caught:
        made(rule)
    assert fix in (caught.value.fix or "")
    assert len(str(caught.value)) < 400
