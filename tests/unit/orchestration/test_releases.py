import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.orchestration.test_scheduling import follow
from tests.unit.orchestration.world import FIELD, NOON, World, deployment, project
from turnout.core.errors import Conflict, ManifestError, ScheduleError, TurnoutError
from turnout.core.operations import Plan
from turnout.core.plain import same
from turnout.core.records import Page, Release, ScheduleRow
from turnout.core.snapshot import ScheduleSpec, Snapshot
from turnout.core.states import RunState
from turnout.orchestration import releases

HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *")
LOAD, SEND = deployment("load", schedules=(HOURLY,)), deployment("send")


def deployed(world: World) -> tuple[int, Snapshot] | None:
    return world.read(lambda tx: tx.projects.snapshot(FIELD))


def history(world: World) -> list[Release]:
    return world.read(lambda tx: tx.projects.releases(FIELD, Page()))


def row(world: World, name: str = "load") -> ScheduleRow:
    [found] = world.read(lambda tx: tx.projects.schedules(FIELD, name))
    return found


def planned(world: World, wanted: Snapshot) -> Plan:
    return world.read(lambda tx: releases.plan(tx, wanted))


def bundle(world: World, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    world.write(lambda tx: tx.bundles.put(digest, content))
    return digest


class TestApply:
    def test_makes_the_server_equal_what_is_wanted(self, world: World) -> None:
        wanted = project(LOAD, SEND, timezone="America/New_York", variables={"size": 12})
        answer = world.apply(wanted, commit="abc", author="Ann", message="First")
        assert (answer["release"], answer["changed"]) == (1, True)
        assert same(deployed(world), (1, wanted))
        [release] = history(world)
        assert (release.commit, release.author, release.message, release.applied_by) == (
            "abc",
            "Ann",
            "First",
            "admin:ann",
        )
        assert release.summary == {"create": 3, "change": 1, "rename": 0, "remove": 0}

    def test_without_a_difference_there_is_no_new_release(self, world: World) -> None:
        digest = bundle(world, b"code")
        world.apply(project(LOAD), bundle=digest)
        answer = world.apply(project(LOAD), bundle=digest)
        assert answer == {"release": 1, "changed": False, "changes": [], "overrides": []}
        assert len(history(world)) == 1

    def test_new_code_is_a_new_release_that_later_runs_execute(self, world: World) -> None:
        first, second = bundle(world, b"one"), bundle(world, b"two")
        world.apply(project(SEND), bundle=first)
        before = world.trigger("send")
        assert world.apply(project(SEND), bundle=second, commit="def")["release"] == 2
        after = world.trigger("send")
        assert (world.run(before).spec.bundle, after.spec.bundle) == (first, second)
        assert (after.spec.commit, after.spec.release) == ("def", 2)

    def test_wakes_the_scheduler_and_the_pools(self, world: World) -> None:
        world.deploy(LOAD)
        assert {"service:scheduler", "pool:field/default"} <= set(world.hints.topics)

    def test_of_a_release_planned_against_another_is_refused(self, world: World) -> None:
        world.apply(project(LOAD), expected_release=0)
        with pytest.raises(Conflict, match="at release 1, the plan was made against 0"):
            world.apply(project(LOAD, SEND), expected_release=0)
        assert world.apply(project(LOAD, SEND), expected_release=1)["release"] == 2

    def test_of_a_bundle_that_was_not_uploaded_is_refused(self, world: World) -> None:
        with pytest.raises(Conflict, match="not on the server"):
            world.apply(project(LOAD), bundle="f" * 64)
        assert deployed(world) is None


class TestRemoval:
    def test_skips_what_waits_and_lets_live_runs_go_on(self, world: World) -> None:
        world.deploy(LOAD, SEND)
        live, queued = world.trigger("load"), world.trigger("load")
        world.register()
        [job] = world.claim(1)
        plan = planned(world, project(SEND))
        assert [run.name for run in plan.pending_runs["load"]] == [queued.name, live.name]
        world.deploy(SEND)
        assert world.run(queued).state == RunState.SKIPPED
        assert world.run(queued).reason == "release 2 removed deployment 'load'"
        world.start(job)
        world.complete(job)
        assert world.run(live).state == RunState.COMPLETED
        assert world.read(lambda tx: tx.projects.deployment(FIELD, "load")) is None
        assert world.read(lambda tx: tx.projects.next_schedule_due()) is None

    def test_of_most_deployments_needs_to_be_allowed(self, world: World) -> None:
        specs = [deployment(f"d{number}") for number in range(7)]
        world.deploy(*specs)
        with pytest.raises(Conflict, match="remove 4 of 7") as caught:
            world.deploy(*specs[:3])
        assert "--allow-removals" in (caught.value.fix or "")
        assert same(deployed(world), (1, project(*specs)))
        assert world.apply(project(*specs[:3]), allow_removals=True)["release"] == 2

    def test_of_a_few_or_the_smaller_half_does_not(self, world: World) -> None:
        specs = [deployment(f"d{number}") for number in range(8)]
        world.deploy(*specs)
        assert world.deploy(*specs[:4])["release"] == 2
        assert world.deploy(specs[0])["release"] == 3


class TestSchedules:
    def test_a_new_one_starts_from_now(self, world: World) -> None:
        world.deploy(LOAD)
        assert (row(world).watermark, row(world).next_due) == (NOON, NOON + timedelta(hours=1))

    def test_an_unchanged_one_keeps_its_place(self, world: World) -> None:
        world.deploy(LOAD)
        world.clock.advance(hours=5)
        world.deploy(LOAD, SEND)
        assert row(world).watermark == NOON

    def test_new_parameters_or_policy_keep_its_place_too(self, world: World) -> None:
        world.deploy(LOAD)
        world.clock.advance(hours=5)
        world.deploy(replace(LOAD, schedules=(replace(HOURLY, parameters={"a": 1}, catch_up="all"),)))
        assert row(world).watermark == NOON
        assert row(world).spec["parameters"] == {"a": 1}

    @pytest.mark.parametrize("change", [{"cron": "30 * * * *"}, {"timezone": "Asia/Kolkata"}])
    def test_other_times_start_from_now(self, world: World, change: dict[str, str]) -> None:
        world.deploy(LOAD)
        world.clock.advance(hours=5)
        world.deploy(replace(LOAD, schedules=(replace(HOURLY, **change),)))
        assert row(world).watermark == NOON + timedelta(hours=5)
        assert row(world).next_due == NOON + timedelta(hours=5, minutes=30)

    def test_what_a_pause_left_out_is_for_the_catch_up_policy(self, world: World) -> None:
        world.deploy(replace(LOAD, schedules=(replace(HOURLY, paused=True),)))
        assert world.read(lambda tx: tx.projects.next_schedule_due()) is None
        world.clock.advance(hours=5)
        world.deploy(LOAD)
        assert (row(world).watermark, row(world).paused) == (NOON, False)
        assert row(world).next_due == NOON + timedelta(hours=1)

    @pytest.mark.parametrize("after", ["edited", "removed"])
    def test_an_edit_takes_its_unstarted_runs_for_later_with_it(self, world: World, after: str) -> None:
        """What is spread over time after an outage is for later; what is due already was meant."""
        busy = replace(LOAD, schedules=(replace(HOURLY, catch_up="all"),))
        world.deploy(busy)
        world.clock.advance(hours=3, minutes=20)
        made = follow(world)
        assert [run.due_at > world.clock.now() for run in made] == [False, True, True]
        changed = replace(HOURLY, cron="30 * * * *", catch_up="all")
        world.deploy(replace(LOAD, schedules=(changed,) if after == "edited" else ()))
        states = [world.run(run).state for run in made]
        assert states == [RunState.SCHEDULED, RunState.SKIPPED, RunState.SKIPPED]
        verb = "changed" if after == "edited" else "removed"
        assert world.run(made[1]).reason == f"release 2 {verb} schedule 'hourly'"

    def test_a_removed_one_is_gone(self, world: World) -> None:
        world.deploy(LOAD)
        world.deploy(deployment("load"))
        assert world.read(lambda tx: tx.projects.schedules(FIELD, "load")) == []


class TestPlan:
    def test_says_what_apply_does(self, world: World) -> None:
        world.deploy(LOAD)
        wanted = project(replace(LOAD, description="new"), SEND)
        plan = planned(world, wanted)
        assert plan.release == 1
        assert [(type(item).__name__, item.name) for item in plan.operations] == [
            ("Change", "load"),
            ("Create", "send"),
        ]
        assert world.apply(wanted, expected_release=1)["changes"] == plan.to_json()["operations"]
        assert planned(world, wanted).operations == ()

    def test_shows_next_runs_before_and_after(self, world: World) -> None:
        world.deploy(LOAD)
        times = planned(world, project(replace(LOAD, schedules=(replace(HOURLY, cron="30 18 * * *"),)))).next_runs[
            "load"
        ]
        assert times.before[0] == "2026-11-03T13:00:00+00:00"
        assert times.after[0] == "2026-11-03T18:30:00+00:00"

    def test_changes_nothing(self, world: World) -> None:
        world.deploy(LOAD)
        planned(world, project(SEND))
        assert same(deployed(world), (1, project(LOAD)))


class TestABrokenEntry:
    @pytest.mark.parametrize(
        ("broken", "error", "named"),
        [
            (deployment("Bad Name"), ManifestError, "Bad Name"),
            (deployment("x", after=("nobody",)), ManifestError, "nobody"),
            (deployment("x", after=("x",)), ManifestError, "wait for each other"),
            (deployment("x", secrets=("none",)), ManifestError, "secret 'none'"),
            (deployment("x", connection="none"), ManifestError, "connection 'none'"),
            (deployment("x", schedules=(replace(HOURLY, cron="0 0 31 2 *"),)), ScheduleError, "31 2"),
            (deployment("x", schedules=(replace(HOURLY, timezone="Mars/Base"),)), ScheduleError, "Mars"),
            (deployment("x", schedules=(HOURLY, HOURLY)), ManifestError, "slug"),
            (deployment("x", catch_up="sometimes"), ScheduleError, "sometimes"),
        ],
    )
    def test_leaves_the_server_exactly_as_it_was(
        self, world: World, broken: object, error: type[TurnoutError], named: str
    ) -> None:
        world.deploy(LOAD)
        wanted = project(SEND, broken)  # type: ignore[arg-type]
        with pytest.raises(error, match=named) as caught:
            world.apply(wanted)
        assert caught.value.fix
        with pytest.raises(error):
            planned(world, wanted)
        assert same(deployed(world), (1, project(LOAD)))
        assert world.read(lambda tx: tx.projects.deployment(FIELD, "send")) is None
