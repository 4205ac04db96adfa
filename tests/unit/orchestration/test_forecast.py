"""The forecast of a manifest's schedules."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from turnout import schedules
from turnout.cli.forecast_text import listing, months, remarks
from turnout.core.snapshot import DeploymentSpec, LimitSpec, LimitUse, PoolSpec, ScheduleSpec, Snapshot
from turnout.orchestration.forecast import MOST, Forecast, forecast

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NEW_YORK = "America/New_York"


def deployed(name: str, *crons: str, timezone: str = "UTC", **more) -> DeploymentSpec:
    specs = tuple(
        ScheduleSpec(slug=f"s{number}" if number else "default", cron=cron, timezone=timezone)
        for number, cron in enumerate(crons)
    )
    return DeploymentSpec(name=name, flow_name=name, entrypoint=f"flows.py:{name}", schedules=specs, **more)


def snapshot(*specs: DeploymentSpec, **more) -> Snapshot:
    return Snapshot(project="field", deployments={spec.name: spec for spec in specs}, **more)


def over(wanted: Snapshot, days: float = 7, start: datetime = MONDAY, **minutes: float) -> Forecast:
    usual = {name.replace("_", "-"): timedelta(minutes=length) for name, length in minutes.items()}
    return forecast(wanted, start, start + timedelta(days=days), usual)


def text(found: Forecast, timezone: str = "UTC") -> str:
    return "\n".join([*listing(found, timezone), *months(found, timezone), *remarks(found, timezone)])


def test_runs_of_all_schedules_in_order():
    found = over(snapshot(deployed("late", "0 22 * * *"), deployed("early", "0 5 * * *", "30 5 * * 1")), days=1)
    assert [(due.deployment, due.schedule, due.at.hour) for due in found.due] == [
        ("early", "default", 5), ("early", "s1", 5), ("late", "default", 22),
    ]  # fmt: skip
    assert found.per_day("UTC") == {date(2026, 11, 23): 3}


@given(
    minute=st.integers(0, 59), hour=st.integers(0, 23), days=st.integers(1, 60),
    timezone=st.sampled_from(["UTC", NEW_YORK, "Australia/Lord_Howe", "Europe/Berlin"]),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),
)  # fmt: skip
def test_it_promises_exactly_what_the_schedule_says(minute, hour, days, timezone, start):
    start = start.replace(tzinfo=UTC)
    spec = deployed("a", f"{minute} {hour} * * *", timezone=timezone)
    found = over(snapshot(spec), days=days, start=start)
    parsed = schedules.parse(asdict(spec.schedules[0]))
    assert [due.at for due in found.due] == list(schedules.occurrences(parsed, start, start + timedelta(days=days)))
    assert sum(found.per_day(timezone).values()) == len(found.due)
    assert all(start < change.at <= found.end and change.by for change in found.changes)


def test_a_clock_put_back_shows_what_is_due_in_the_hour_that_comes_twice():
    wanted = snapshot(
        deployed("in-it", "30 1 * * *", timezone=NEW_YORK), deployed("far", "0 9 * * *", timezone=NEW_YORK)
    )
    (change,) = over(wanted, days=3, start=datetime(2026, 10, 31, 12, tzinfo=UTC)).changes
    assert (change.timezone, change.at, change.by) == (
        NEW_YORK, datetime(2026, 11, 1, 6, tzinfo=UTC), -timedelta(hours=1),
    )  # fmt: skip
    assert {due.deployment for due in change.runs} == {"in-it"}


def test_a_clock_put_forward_shows_what_the_missing_hour_moves():
    wanted = snapshot(deployed("in-it", "30 2 * * *", timezone=NEW_YORK))
    found = over(wanted, days=1, start=datetime(2027, 3, 14, 5, tzinfo=UTC))
    (change,) = found.changes
    assert change.by == timedelta(hours=1)
    assert [due.at for due in change.runs] == [change.at]
    assert "goes forward 1h Sun 14 Mar 03:00; around it: in-it 03:00" in text(found, NEW_YORK)


def test_a_run_that_is_due_before_the_last_is_over():
    wanted = snapshot(deployed("slow", "0 * * * *"), deployed("quick", "0 * * * *"))
    found = over(wanted, days=1, slow=90, quick=5)
    (overlap,) = found.overlaps
    assert (overlap.deployment, overlap.runs) == ("slow", 23)
    assert overlap.first == MONDAY + timedelta(hours=2)


def test_limits_that_are_asked_for_too_much():
    limited = {"limits": (LimitUse(name="van-api", weight=2),)}
    wanted = snapshot(
        deployed("a", "0 5 * * *", **limited), deployed("b", "10 5 * * *", **limited), deployed("c", "0 5 * * *"),
        deployed("d", "15 5 * * *", tags=("van",)),
        limits={"van-api": LimitSpec(concurrency=3, tags=("van",)), "unused": LimitSpec(concurrency=1)},
        pools={"default": PoolSpec(concurrency=4)},
    )  # fmt: skip
    (load,) = over(wanted, days=1, a=30, b=30, c=30, d=30).loads
    assert (load.limit, load.capacity, load.peak) == ("van-api", 3, 5)
    assert load.at == MONDAY + timedelta(hours=5, minutes=10)
    assert load.over == timedelta(minutes=20)


def test_one_after_the_other_is_no_load():
    wanted = snapshot(deployed("a", "0 5 * * *", "30 5 * * *"), pools={"default": PoolSpec(concurrency=1)})
    found = over(wanted, days=1, a=30)
    assert not found.loads
    assert not found.overlaps


def test_what_nobody_can_know_is_said():
    paused = ScheduleSpec(slug="default", cron="0 5 * * *", paused=True)
    second = ScheduleSpec(slug="default", every=1.0)
    wanted = snapshot(
        DeploymentSpec(name="off", flow_name="off", entrypoint="f.py:off", schedules=(paused,)),
        DeploymentSpec(name="busy", flow_name="busy", entrypoint="f.py:busy", schedules=(second,)),
        deployed("next", after=("busy",)),
    )
    found = over(wanted, days=1)
    assert (found.paused, found.cut, found.unknown) == (("off/default",), ("busy/default",), ("busy",))
    assert len(found.due) == MOST
    said = text(found)
    for part in ("off/default makes no runs", "next starts when busy completed", "busy, 10,000 runs"):
        assert part in said


def test_days_alike_are_told_once():
    found = over(snapshot(deployed("nightly", "0 5 * * *"), deployed("weekly", "0 6 * * 3")), days=7)
    assert list(listing(found, "UTC")) == [
        "[bold]Mon 23 Nov 2026 to Tue 24 Nov 2026, every day[/bold]",
        "  05:00:00  nightly",
        "[bold]Wed 25 Nov 2026[/bold]",
        "  05:00:00  nightly",
        "  06:00:00  weekly",
        "[bold]Thu 26 Nov 2026 to Sun 29 Nov 2026, every day[/bold]",
        "  05:00:00  nightly",
    ]


def test_an_empty_manifest_has_an_empty_forecast():
    found = over(snapshot())
    assert not found.due
    assert not list(listing(found, "UTC"))
    assert not list(remarks(found, "UTC"))
