"""After a pause is acknowledged nothing of it starts; going on follows the catch-up policy."""

from datetime import timedelta

import pytest

from tests.unit.orchestration.test_explain import why
from tests.unit.orchestration.test_scheduling import HOURLY, follow, row
from tests.unit.orchestration.world import ANN, FIELD, NOON, World, deployment
from turnout.core.errors import Conflict, NotFound
from turnout.core.records import FlowRun
from turnout.core.snapshot import Concurrency, ScheduleSpec
from turnout.core.states import RunState
from turnout.orchestration import pausing, scheduling


def pause(world: World, name: str = "load", schedule: str | None = None, reason: str | None = None) -> None:
    world.write(lambda tx: pausing.pause(tx, FIELD, name, schedule, ANN, reason))


def resume(world: World, name: str = "load", schedule: str | None = None) -> bool:
    return world.write(lambda tx: pausing.resume(tx, FIELD, name, schedule, ANN))


def claimed(world: World) -> list[str]:
    world.register(holding=[(run.id, run.attempt) for run in world.read(lambda tx: tx.runs.held_by("w1"))])
    return [job.run.id for job in world.claim()]


def made_hourly(world: World, policy: str, hours: int) -> list[FlowRun]:
    """A run an hour, each made on time, none started."""
    world.deploy(deployment("load", schedules=(HOURLY,), catch_up=policy))
    made = []
    for _ in range(hours):
        world.clock.advance(hours=1)
        made += follow(world)
    return made


class TestSchedule:
    def test_nothing_of_it_starts_while_it_is_paused(self, world: World) -> None:
        made = made_hourly(world, "all", 2)
        manual = world.trigger("load")
        pause(world, schedule="hourly", reason="the vendor is down")
        assert claimed(world) == [manual.id]
        assert why(world, made[0]) == ("schedule 'hourly' is paused by admin:ann since 14:00 UTC: the vendor is down")
        world.clock.advance(hours=3)
        assert world.read(lambda tx: tx.projects.due_schedules(10)) == []
        assert follow(world) == []

    def test_a_step_that_was_planned_before_makes_nothing_after(self, world: World) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,)))
        world.clock.advance(hours=1)
        planned = scheduling.plan_step(row(world), "latest", world.clock.now())
        pause(world, schedule="hourly")
        assert world.write(lambda tx: scheduling.execute_step(tx, planned)) == []

    @pytest.mark.parametrize(
        ("policy", "started", "skipped"),
        [("all", [13, 14, 15, 16], []), ("latest", [16], [13, 14, 15]), ("none", [], [13, 14, 16])],
    )
    def test_going_on_follows_the_catch_up_policy(
        self, world: World, policy: str, started: list[int], skipped: list[int]
    ) -> None:
        made_hourly(world, policy, 2)
        pause(world, schedule="hourly")
        world.clock.advance(hours=2, minutes=30)
        assert resume(world, schedule="hourly")
        follow(world)
        hours = {
            state: [run.occurrence.hour for run in world.runs_of("load", state) if run.occurrence]
            for state in (RunState.SCHEDULED, RunState.SKIPPED)
        }
        assert sorted(hours[RunState.SCHEDULED]) == started
        assert sorted(hours[RunState.SKIPPED]) == skipped

    def test_what_was_held_back_is_released_a_few_at_a_time(self, world: World) -> None:
        made = made_hourly(world, "all", 5)
        pause(world, schedule="hourly")
        world.clock.advance(minutes=30)
        resume(world, schedule="hourly")
        assert claimed(world) == [made[0].id]
        world.clock.advance(seconds=0.1)
        assert claimed(world) == [made[1].id]
        world.clock.advance(seconds=0.3)
        assert claimed(world) == [run.id for run in made[2:]]

    def test_the_last_one_held_back_runs_under_latest_when_nothing_came_later(self, world: World) -> None:
        made = made_hourly(world, "latest", 3)
        pause(world, schedule="hourly")
        world.clock.advance(minutes=30)
        resume(world, schedule="hourly")
        assert claimed(world) == [made[-1].id]
        assert "held back by a pause" in (world.run(made[0]).reason or "")

    def test_a_release_leaves_a_persons_pause_alone(self, world: World) -> None:
        [run] = made_hourly(world, "latest", 1)
        pause(world, schedule="hourly")
        world.deploy(deployment("load", schedules=(ScheduleSpec(slug="hourly", cron="5 * * * *"),)))
        assert row(world).paused
        assert claimed(world) == []
        world.deploy(deployment("load"))
        assert world.run(run).state == RunState.SKIPPED
        world.deploy(deployment("load", schedules=(HOURLY,)))
        assert not row(world).paused

    def test_a_pause_in_the_manifest_holds_back_as_well(self, world: World) -> None:
        [run] = made_hourly(world, "latest", 1)
        paused = ScheduleSpec(slug="hourly", cron="0 * * * *", paused=True)
        world.deploy(deployment("load", schedules=(paused,)))
        assert claimed(world) == []
        assert why(world, run) == "schedule 'hourly' is paused in turnout.yaml"
        with pytest.raises(Conflict, match=r"turnout\.yaml"):
            resume(world, schedule="hourly")
        world.deploy(deployment("load", schedules=(HOURLY,)))
        assert claimed(world) == [run.id]

    def test_an_attempt_after_the_first_goes_on(self, world: World) -> None:
        """Its run has started before the pause."""
        world.deploy(deployment("load", schedules=(HOURLY,), retries=1))
        world.clock.advance(hours=1)
        follow(world)
        job = world.claim_one()
        world.start(job)
        pause(world, schedule="hourly")
        world.fail(job)
        assert claimed(world) == [job.run.id]

    def test_what_is_not_there_is_named(self, world: World) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,)))
        with pytest.raises(NotFound, match="it has: hourly"):
            pause(world, schedule="daily")
        with pytest.raises(NotFound, match="no deployment 'lod'"):
            pause(world, "lod")
        assert not resume(world, schedule="hourly")

    def test_what_is_held_back_collides_with_nothing(self, world: World) -> None:
        skip = Concurrency(limit=1, on_collision="skip")
        world.deploy(deployment("load", schedules=(HOURLY,), concurrency=skip))
        world.clock.advance(hours=1)
        follow(world)
        assert world.trigger("load").state == RunState.SKIPPED
        pause(world, schedule="hourly")
        manual = world.trigger("load")
        assert claimed(world) == [manual.id]


class TestDeployment:
    def test_nothing_of_it_starts_whoever_asked(self, world: World) -> None:
        [by_schedule] = made_hourly(world, "latest", 1)
        manual = world.trigger("load")
        pause(world)
        later = world.trigger("load")
        assert claimed(world) == []
        assert why(world, later) == "deployment 'load' is paused by admin:ann since 13:00 UTC"
        world.clock.advance(minutes=1)
        assert resume(world)
        assert sorted(claimed(world)) == sorted([by_schedule.id, manual.id, later.id])

    def test_a_retry_waits_too(self, world: World) -> None:
        world.deploy(deployment("load", retries=1))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        pause(world)
        world.fail(job)
        assert claimed(world) == []
        resume(world)
        assert claimed(world) == [job.run.id]

    def test_it_starts_once_after_its_upstreams_completed_meanwhile(self, world: World) -> None:
        world.deploy(deployment("load"), deployment("send", after=("load",)))
        pause(world, "send")
        for _ in range(3):
            world.execute("load")
            world.clock.advance(minutes=1)
        assert world.runs_of("send") == []
        resume(world, "send")
        assert len(world.runs_of("send")) == 1

    def test_a_schedule_that_is_paused_by_itself_stays_paused(self, world: World) -> None:
        [run] = made_hourly(world, "all", 1)
        pause(world, schedule="hourly")
        pause(world)
        resume(world)
        assert row(world).paused
        assert claimed(world) == []
        resume(world, schedule="hourly")
        assert claimed(world) == [run.id]

    def test_pausing_twice_keeps_the_first(self, world: World) -> None:
        world.deploy(deployment("load"))
        pause(world)
        world.clock.advance(hours=1)
        found = world.write(lambda tx: pausing.pause(tx, FIELD, "load", None, "somebody"))
        assert (found.at, found.by) == (NOON, str(ANN))
        assert world.clock.now() == NOON + timedelta(hours=1)
