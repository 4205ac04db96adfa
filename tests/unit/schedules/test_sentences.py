import pytest

from turnout.schedules import describe, parse

NY = "America/New_York"


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("5 21 * * *", "every day at 21:05 America/New_York"),
        ("0 9,17 * * *", "every day at 09:00 and 17:00 America/New_York"),
        ("0 9 * * 1-5", "on Monday through Friday at 09:00 America/New_York"),
        ("0 0 L * *", "on the last day of every month at 00:00 America/New_York"),
        ("*/15 * * * *", "every 15 minutes"),
        ("*/7 * * * *", "every seventh minute of every hour America/New_York"),
        ("* * * * *", "every minute America/New_York"),
        ("0 * * * *", "at the start of every hour America/New_York"),
        ("30 2 * * MON#1", "on the first Monday of the month at 02:30 America/New_York"),
    ],
)
def test_cron(cron: str, sentence: str) -> None:
    assert describe(parse({"cron": cron, "timezone": NY})) == sentence


@pytest.mark.parametrize(
    ("every", "anchor", "sentence"),
    [
        ("15m", None, "every 15 minutes"),
        (3600, None, "every hour"),
        ("1h30m", None, "every 1 hour 30 minutes"),
        (90.5, None, "every 1 minute 30.5 seconds"),
        ("1d", "2027-06-01T09:00", "every day, counted from 2027-06-01 09:00 America/New_York"),
        ("2w", "2027-06-01T09:00:05", "every 2 weeks, counted from 2027-06-01 09:00:05 America/New_York"),
    ],
)
def test_intervals(every: object, anchor: str | None, sentence: str) -> None:
    assert describe(parse({"every": every, "anchor": anchor, "timezone": NY})) == sentence


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("FREQ=DAILY", "every day at 09:00 America/New_York"),
        ("FREQ=WEEKLY;BYDAY=MO", "every Monday at 09:00 America/New_York"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=7,8", "every Monday and Friday at 07:00 and 08:00 America/New_York"),
        ("FREQ=WEEKLY", "every week on Wednesday at 09:00 America/New_York"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday at 09:00 America/New_York"),
        ("FREQ=MONTHLY", "every month on day 6 at 09:00 America/New_York"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day at 09:00 America/New_York"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "every month on day 3 from the end at 09:00 America/New_York"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday at 09:00 America/New_York"),
        ("FREQ=YEARLY;BYDAY=20MO", "every year on the 20th Monday at 09:00 America/New_York"),
        ("FREQ=YEARLY", "every year on day 6 in January at 09:00 America/New_York"),
        ("FREQ=DAILY;BYMONTH=1,2,12", "every day in January, February and December at 09:00 America/New_York"),
        ("FREQ=HOURLY;INTERVAL=4", "every 4 hours, counted from 2027-01-06 09:00 America/New_York"),
        (
            "FREQ=HOURLY;BYHOUR=9,10;BYMINUTE=0,30",
            "every hour at minute 0 and 30 in the hours 9 and 10 America/New_York",
        ),
        ("FREQ=DAILY;COUNT=1", "every day at 09:00 America/New_York, once"),
        ("FREQ=DAILY;COUNT=3", "every day at 09:00 America/New_York, 3 times"),
        ("FREQ=DAILY;UNTIL=20271231", "every day at 09:00 America/New_York, until 2027-12-31 23:59"),
        (
            "FREQ=YEARLY;BYWEEKNO=5",
            "by the rule FREQ=YEARLY;BYWEEKNO=5, counted from 2027-01-06 09:00 America/New_York",
        ),
    ],
)
def test_rules(rule: str, sentence: str) -> None:
    assert describe(parse({"rrule": rule, "anchor": "2027-01-06T09:00", "timezone": NY})) == sentence
