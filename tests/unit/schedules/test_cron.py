from datetime import UTC, datetime
from itertools import islice

import pytest
from cronsim import CronSim

from turnout.core.errors import ScheduleError
from turnout.schedules import occurrences, parse
from turnout.schedules.model import Cron


def made(expression: object) -> Cron:
    schedule = parse({"cron": expression, "timezone": "Europe/London"})
    assert isinstance(schedule, Cron)
    return schedule


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "*/15 3 * * *",
        "0 */4 * * *",
        "0 * * * *",
        "0-59 3 * * *",
        "0 0-23/2 * * *",
        "0/15 3 * * *",
        "5 0-11,12-23 * * *",
        "1,*/7 3 * * *",
        "@hourly",
    ],
)
def test_a_field_spanned_whole_makes_it_follow_elapsed_time(text: str) -> None:
    assert made(text).wildcard


@pytest.mark.parametrize(
    "text", ["5 21 * * *", "0,30 1 * * *", "0 9-17 * * *", "0-30 2 * * *", "5/15 2 * * *", "0 1-23 * * *", "@daily"]
)
def test_other_fields_name_times(text: str) -> None:
    assert not made(text).wildcard


def test_space_and_nicknames_are_written_out() -> None:
    assert made("  5   21 * *\t* ").expression == "5 21 * * *"
    assert made("@Weekly").expression == "0 0 * * 0"
    assert made("5-5/2 0-6/2 * * *").expression == "5 0-6/2 * * *"
    assert made("0 12 * JAN MON-FRI").expression == "0 12 * JAN MON-FRI"


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("", "has 0 fields", "write five fields"),
        ("0 5 * *", "has 4 fields", "write five fields"),
        ("0 5 21 * * *", "has 6 fields", "5 21 * * *"),
        ("@reboot", "has 1 field,", "write five fields"),
        ("61 * * * *", "field '61'", "minute 0-59"),
        ("* 24 * * *", "field '24'", "hour 0-23"),
        ("* * 0 * *", "field '0'", "day of month 1-31"),
        ("* * * 13 *", "field '13'", "month 1-12"),
        ("* * * * 8", "field '8'", "day of week 0-7"),
        ("*/0 * * * *", r"field '\*/0'", "minute"),
        ("5-1 * * * *", "field '5-1'", "minute"),
        ("H * * * *", "field 'H'", "minute"),
        ("* * * * MON#9", "field 'MON#9'", "day of week"),
        ("-1 * * * *", "field '-1'", "minute"),
        ("0 0 30 2 *", "never fires", "a day that its months have"),
        ("0 0 31 2,4,6,9,11 *", "never fires", "a day that its months have"),
        ("0 0 */31 * MON#2", "never fires", "a day that its months have"),
        (5, "is not a cron expression", "write five fields"),
        ("* * * * \N{SLIGHTLY SMILING FACE}", "is not a cron expression", "write five fields"),
        ("*" * 1_000_000, "is not a cron expression", "write five fields"),
        ("1" * 250 + " * * * *", "is not a cron expression|field", ""),
    ],
)
def test_what_cannot_be_says_what_and_how_to_mend_it(text: object, what: str, fix: str) -> None:
    with pytest.raises(ScheduleError, match=what) as caught:
        made(text)
    assert fix in (caught.value.fix or "")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "expression",
    [
        "* * * * *",
        "*/7 * * * *",
        "5 21 * * *",
        "0,30 1-5 * * *",
        "59 23 31 12 *",
        "0 0 1 1 *",
        "15 3 L * *",
        "15 3 LW 1-6 *",
        "0 9 * * MON#2",
        "0 9 * * 5L",
        "0 9 13 * 5",
        "0 9 */2 * 5",
        "0 3 29 2 *",
        "0 3 31 4-5,11 *",
        "7 1-23/5 1,15 */3 7",
    ],
)
@pytest.mark.parametrize(
    "start", ["2026-03-04T05:06:00", "2027-12-31T23:58:59.999999", "2028-02-28T23:59:00", "2026-11-01T00:00:00"]
)
def test_days_are_walked_as_cronsim_walks_its_hours(expression: str, start: str) -> None:
    after = datetime.fromisoformat(start)
    expected = [shown.replace(tzinfo=UTC) for shown in islice(CronSim(expression, after), 60)]
    schedule = parse({"cron": expression, "timezone": "UTC"})
    found = occurrences(schedule, after.replace(tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC), limit=60)
    assert list(found) == expected
