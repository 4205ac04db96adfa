import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.orchestration.world import FIELD, NOON, World, deployment
from turnout.core.snapshot import ScheduleSpec
from turnout.services.scheduler import Scheduler

HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *")


def test_makes_what_is_due_and_says_when_it_is_next_needed(world: World) -> None:
    world.deploy(
        deployment("load", schedules=(HOURLY,)), deployment("send", schedules=(replace(HOURLY, cron="30 * * * *"),))
    )
    scheduler = Scheduler()
    assert scheduler.tick(world.store, world.clock.now()) == NOON + timedelta(minutes=30)
    world.clock.advance(minutes=60)
    assert scheduler.tick(world.store, world.clock.now()) == NOON + timedelta(minutes=90)
    assert len(world.runs_of("load")) == len(world.runs_of("send")) == 1


def test_without_schedules_there_is_no_next_time(world: World) -> None:
    world.deploy(deployment("load"))
    assert Scheduler().tick(world.store, world.clock.now()) is None


def test_paused_schedules_make_nothing(world: World) -> None:
    world.deploy(deployment("load", schedules=(replace(HOURLY, paused=True),)))
    world.clock.advance(hours=3)
    Scheduler().tick(world.store, world.clock.now())
    assert world.runs_of("load") == []


def test_many_schedulers_make_one_run_of_an_occurrence(world: World) -> None:
    world.deploy(deployment("load", schedules=(HOURLY,)))
    for _ in range(5):
        world.clock.advance(hours=1)
        for scheduler in (Scheduler(), Scheduler(), Scheduler()):
            scheduler.tick(world.store, world.clock.now())
    occurrences = [run.occurrence for run in world.runs_of("load")]
    assert occurrences == [NOON + timedelta(hours=hour) for hour in range(1, 6)]


def test_a_bad_schedule_stops_no_other_and_is_looked_at_later(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.deploy(deployment("bad", schedules=(HOURLY,)), deployment("good", schedules=(HOURLY,)))
    [row] = world.read(lambda tx: tx.projects.schedules(FIELD, "bad"))
    broken = replace(row, spec={**row.spec, "timezone": "Mars/Base"})
    world.write(lambda tx: tx.projects.put_schedule(broken))
    world.clock.advance(hours=1)
    with caplog.at_level(logging.ERROR):
        due = Scheduler().tick(world.store, world.clock.now())
    assert len(world.runs_of("good")) == 1
    assert due == world.clock.now() + timedelta(minutes=5)
    assert "schedule hourly of deployment field/bad cannot be followed" in caplog.text
    # Once it is mended, nothing was lost.
    world.write(lambda tx: tx.projects.put_schedule(replace(broken, spec=row.spec)))
    Scheduler().tick(world.store, world.clock.now())
    assert len(world.runs_of("bad")) == 1


def test_a_bad_write_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.deploy(deployment("bad", schedules=(HOURLY,)), deployment("good", schedules=(HOURLY,)))
    from turnout.orchestration import scheduling

    real = scheduling.execute_step

    def fail_for_bad(tx, step):  # type: ignore[no-untyped-def]
        made = real(tx, step)
        if step.row.deployment == "bad":
            raise RuntimeError("no")
        return made

    monkeypatch.setattr(scheduling, "execute_step", fail_for_bad)
    world.clock.advance(hours=1)
    Scheduler().tick(world.store, world.clock.now())
    assert len(world.runs_of("good")) == 1
    assert world.runs_of("bad") == []
    monkeypatch.undo()
    world.clock.advance(minutes=5)
    Scheduler().tick(world.store, world.clock.now())
    assert len(world.runs_of("bad")) == 1
