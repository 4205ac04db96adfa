"""Calendars in the control plane: the scheduler, catching up, plans and forecasts follow what is left."""

from datetime import UTC, datetime, timedelta

from tests.unit.orchestration.test_scheduling import follow
from tests.unit.orchestration.world import FIELD, NOON, World, deployment, project
from turnout.core.operations import Change, Plan
from turnout.core.snapshot import CalendarSpec, CalendarUse, ScheduleSpec, Snapshot
from turnout.orchestration import releases
from turnout.orchestration.calendar import calendar
from turnout.orchestration.deployments import status
from turnout.orchestration.forecast import forecast

AFTERNOON = CalendarSpec(name="afternoon", timezone="UTC", dates=("2026-11-03",), windows={"a": "13:00-16:00"})


def declared(*skip: CalendarSpec) -> Snapshot:
    use = CalendarUse(skip=skip) if skip else None
    hourly = ScheduleSpec(slug="hourly", cron="0 * * * *", catch_up="all", calendar=use)
    return project(deployment("load", schedules=(hourly,)))


def at(hour: int) -> datetime:
    return datetime(2026, 11, 3, hour, tzinfo=UTC)


def test_what_is_taken_out_is_neither_run_nor_missed(world: World) -> None:
    world.apply(declared(AFTERNOON))
    assert world.clock.time == at(12)
    [row] = world.read(lambda tx: tx.projects.schedules(FIELD, "load"))
    assert row.next_due == at(16)
    world.clock.advance(hours=6)
    follow(world)
    assert [(run.occurrence, run.state) for run in world.runs_of("load")] == [
        (at(16), "scheduled"), (at(17), "scheduled"), (at(18), "scheduled")
    ]  # fmt: skip


def test_everything_that_tells_what_will_run_says_the_same(world: World) -> None:
    wanted = declared(AFTERNOON)
    plan = world.read(lambda tx: releases.plan(tx, wanted))
    end = at(12) + timedelta(hours=6)
    assert plan.next_runs["load"].after[:2] == (at(16).isoformat(), at(17).isoformat())
    world.apply(wanted)
    assert world.read(lambda tx: status(tx, FIELD, "load")).next_runs[:2] == (at(16), at(17))
    assert world.read(lambda tx: status(tx, FIELD, "load")).schedules[0].endswith(", not afternoon")
    assert [due.at for due in forecast(wanted, NOON, end, {}).due] == [at(16), at(17), at(18)]
    shown = world.read(lambda tx: calendar(tx, FIELD, NOON, end, "UTC"))
    assert [one.at for one in shown.expected] == [at(16), at(17), at(18)]


def test_a_change_of_a_calendar_is_told_and_counts_from_then_on(world: World) -> None:
    world.apply(declared(AFTERNOON))
    wanted = declared(CalendarSpec(name="afternoon", timezone="UTC", windows={"a": "13:00-15:00"}))
    plan = world.read(lambda tx: releases.plan(tx, wanted))
    [change] = plan.operations
    assert isinstance(change, Change)
    assert {field.path: (field.before, field.after) for field in change.fields} == {
        "schedules.hourly.calendar.skip.afternoon.dates": (["2026-11-03"], []),
        "schedules.hourly.calendar.skip.afternoon.windows.a": ("13:00-16:00", "13:00-15:00"),
    }
    assert (plan.next_runs["load"].before[0], plan.next_runs["load"].after[0]) == (
        at(16).isoformat(),
        at(15).isoformat(),
    )
    assert Plan.from_json(plan.to_json()) == plan
    world.apply(wanted)
    [row] = world.read(lambda tx: tx.projects.schedules(FIELD, "load"))
    assert row.next_due == at(15)
    assert world.apply(wanted)["changed"] is False


def test_one_of_which_nothing_is_left_is_never_due(world: World) -> None:
    world.apply(declared(CalendarSpec(name="always", timezone="UTC", windows={"a": "00:00-24:00"})))
    [row] = world.read(lambda tx: tx.projects.schedules(FIELD, "load"))
    assert row.next_due is None
