"""Schedules as code writes them."""

from datetime import UTC, datetime, timedelta

import pytest

from turnout.core.errors import ScheduleError
from turnout.schedules import Cron, Interval, RRule


def test_each_kind_becomes_what_the_control_plane_keeps() -> None:
    cron = Cron("0 6 * * *", timezone="America/New_York", parameters={"n": 1}, slug="daily", active=False).spec()
    assert (cron.cron, cron.timezone, cron.parameters, cron.slug, cron.paused) == (
        "0 6 * * *", "America/New_York", {"n": 1}, "daily", True,
    )  # fmt: skip
    every = Interval(timedelta(minutes=15), anchor_date=datetime(2026, 1, 1, tzinfo=UTC)).spec()
    assert (every.every, every.anchor) == (900.0, "2026-01-01T00:00:00+00:00")
    assert Interval(60).spec().every == 60.0
    assert RRule("FREQ=WEEKLY;BYDAY=MO").spec().rrule == "FREQ=WEEKLY;BYDAY=MO"


def test_a_slug_is_made_of_the_schedule() -> None:
    assert Cron("0 6 * * *").spec().slug == Cron("0 6 * * *").spec().slug
    assert Cron("0 6 * * *").spec().slug != Cron("0 7 * * *").spec().slug


def test_what_can_never_be_followed_is_refused() -> None:
    for wrong in (
        Cron("61 * * * *"),
        Cron("0 0 1 * 1", day_or=False),
        RRule("FREQ=NEVER"),
        Cron("* * * * *", "Nowhere"),
    ):
        with pytest.raises(ScheduleError):
            wrong.spec()
