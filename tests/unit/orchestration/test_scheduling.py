from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.orchestration.world import FIELD, NOON, World, deployment
from turnout.core.limits import CATCH_UP_RUNS
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, OnCollision, ScheduleRow
from turnout.core.snapshot import Concurrency, ScheduleSpec
from turnout.core.states import RunState
from turnout.orchestration import scheduling

HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *")


def row(world: World, name: str = "load", slug: str = "hourly") -> ScheduleRow:
    rows = world.read(lambda tx: tx.projects.schedules(FIELD, name))
    return {found.slug: found for found in rows}[slug]


def follow(world: World, name: str = "load", slug: str = "hourly") -> list[FlowRun]:
    found = row(world, name, slug)
    policy = world.read(lambda tx: scheduling.inherited_catch_up(tx, found))
    step = scheduling.plan_step(found, policy, world.clock.now())
    return world.write(lambda tx: scheduling.execute_step(tx, step))


def hours(runs: list[FlowRun], state: RunState = RunState.SCHEDULED) -> list[int]:
    return [run.occurrence.hour for run in runs if run.occurrence and run.state == state]


def test_an_occurrence_becomes_a_run_with_its_key(world: World) -> None:
    world.deploy(
        deployment(
            "load",
            schedules=(ScheduleSpec(slug="hourly", cron="0 * * * *", parameters={"a": 2}),),
            parameters={"a": 1, "b": 1},
        )
    )
    world.clock.advance(hours=1)
    [run] = follow(world)
    assert (run.trigger, run.created_by, run.schedule) == ("schedule", "system:scheduler", "hourly")
    assert run.occurrence == run.due_at == NOON + timedelta(hours=1)
    assert run.parameters == {"a": 2, "b": 1}
    assert row(world).watermark == NOON + timedelta(hours=1)
    assert row(world).next_due == NOON + timedelta(hours=2)


def test_what_was_dealt_with_is_not_dealt_with_again(world: World) -> None:
    world.deploy(deployment("load", schedules=(HOURLY,)))
    world.clock.advance(hours=1)
    assert len(follow(world)) == 1
    assert follow(world) == []
    world.clock.advance(minutes=59)
    assert follow(world) == []


def test_a_step_that_was_planned_twice_is_executed_once(world: World) -> None:
    world.deploy(deployment("load", schedules=(HOURLY,)))
    world.clock.advance(hours=1)
    step = scheduling.plan_step(row(world), "latest", world.clock.now())
    assert len(world.write(lambda tx: scheduling.execute_step(tx, step))) == 1
    assert world.write(lambda tx: scheduling.execute_step(tx, step)) == []


def test_even_a_lost_watermark_makes_no_second_run_of_an_occurrence(world: World) -> None:
    world.deploy(deployment("load", schedules=(HOURLY,)))
    before = row(world)
    world.clock.advance(hours=1)
    follow(world)
    world.write(lambda tx: tx.projects.put_schedule(before))
    assert follow(world) == []
    assert len(world.runs_of("load")) == 1


def test_runs_and_watermark_are_one_transaction(world: World) -> None:
    world.deploy(deployment("load", schedules=(HOURLY,)))
    world.clock.advance(hours=1)
    before = row(world)
    step = scheduling.plan_step(before, "latest", world.clock.now())

    def fail_after(tx: Tx) -> None:
        scheduling.execute_step(tx, step)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        world.write(fail_after)
    assert world.runs_of("load") == []
    assert row(world) == before


class TestCatchUp:
    @pytest.mark.parametrize(
        ("policy", "run", "skipped"),
        [("all", [13, 14, 15], []), ("latest", [15], [14]), ("none", [], [15]), ("within:5400", [14, 15], [13])],
    )
    def test_does_what_the_policy_says_and_records_the_gap(
        self, world: World, policy: str, run: list[int], skipped: list[int]
    ) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,), catch_up=policy))
        world.clock.advance(hours=3, minutes=20)
        follow(world)
        assert hours(world.runs_of("load")) == run
        assert hours(world.runs_of("load"), RunState.SKIPPED) == skipped

    def test_a_schedules_own_policy_wins(self, world: World) -> None:
        own = ScheduleSpec(slug="hourly", cron="0 * * * *", catch_up="all")
        world.deploy(deployment("load", schedules=(own,), catch_up="none"))
        world.clock.advance(hours=2)
        assert hours(follow(world)) == [13, 14]

    def test_one_record_says_how_many_were_left_out_since_when(self, world: World) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,), catch_up="none"))
        world.clock.advance(hours=5, minutes=1)
        [record] = follow(world)
        assert (record.reason or "").startswith("5 occurrences since 2026-11-03 12:00 UTC: ")

    @pytest.mark.parametrize("policy", ["all", "latest", "none"])
    def test_what_is_a_moment_late_was_not_missed(self, world: World, policy: str) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,), catch_up=policy))
        world.clock.advance(hours=1, seconds=3)
        assert hours(follow(world)) == [13]

    def test_a_long_stop_releases_a_bounded_number_of_runs(self, world: World) -> None:
        second = ScheduleSpec(slug="hourly", every=60.0)
        world.deploy(deployment("load", schedules=(second,), catch_up="all"))
        world.clock.advance(days=2)
        made = follow(world)
        assert len(made) == CATCH_UP_RUNS + 1
        [record] = [run for run in made if run.state == RunState.SKIPPED]
        assert (record.reason or "").startswith(f"{2 * 24 * 60 - CATCH_UP_RUNS} occurrences")
        assert made[-1].occurrence == world.clock.now()
        assert follow(world) == []


class TestWhatCannotBe:
    def test_parameters_that_do_not_fit_are_recorded_as_skipped(self, world: World) -> None:
        schema = {"properties": {"size": {"type": "integer"}}, "required": ["size"]}
        world.deploy(deployment("load", schedules=(HOURLY,), parameter_schema=schema))
        world.clock.advance(hours=1)
        [run] = follow(world)
        assert (run.state, run.reason) == (
            RunState.SKIPPED,
            "its parameters do not fit: the parameter 'size' is missing",
        )
        assert row(world).next_due == NOON + timedelta(hours=2)

    def test_admission_holds(self, world: World) -> None:
        limit = Concurrency(limit=1, on_collision="skip")
        world.deploy(deployment("load", schedules=(HOURLY,), concurrency=limit))
        for _ in range(2):
            world.clock.advance(hours=1)
            follow(world)
        assert [run.state for run in world.runs_of("load")] == [RunState.SCHEDULED, RunState.SKIPPED]

    @pytest.mark.parametrize(
        ("strategy", "left"), [("skip", [13]), ("replace", [16]), ("queue-latest", [16]), ("queue", [13, 14, 15, 16])]
    )
    def test_what_is_spread_over_time_collides_as_if_it_were_due(
        self, world: World, strategy: OnCollision, left: list[int]
    ) -> None:
        limit = Concurrency(limit=1, on_collision=strategy)
        world.deploy(deployment("load", schedules=(HOURLY,), concurrency=limit, catch_up="all"))
        world.clock.advance(hours=4, minutes=20)
        follow(world)
        assert hours(world.runs_of("load")) == left

    def test_a_schedule_that_left_meanwhile_makes_nothing(self, world: World) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,)))
        world.clock.advance(hours=1)
        step = scheduling.plan_step(row(world), "latest", world.clock.now())
        world.deploy(deployment("load"))
        assert world.write(lambda tx: scheduling.execute_step(tx, step)) == []

    def test_a_clock_that_goes_back_makes_nothing_twice(self, world: World) -> None:
        world.deploy(deployment("load", schedules=(HOURLY,)))
        world.clock.advance(hours=3)
        follow(world)
        world.clock.advance(hours=-2)
        assert follow(world) == []
        assert row(world).watermark == datetime(2026, 11, 3, 15, tzinfo=UTC)
