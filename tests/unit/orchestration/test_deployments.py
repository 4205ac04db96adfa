from datetime import timedelta

import pytest

from tests.unit.orchestration.world import FIELD, NOON, World, deployment
from turnout.core.errors import NotFound
from turnout.core.records import DeploymentStatus, Namespace
from turnout.core.snapshot import ScheduleSpec
from turnout.orchestration import deployments

HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *")
HALF = ScheduleSpec(slug="half", cron="30 13 * * *", timezone="UTC")
PAUSED = ScheduleSpec(slug="paused", cron="1 * * * *", paused=True)


def status(world: World, name: str) -> DeploymentStatus:
    return world.read(lambda tx: deployments.status(tx, FIELD, name))


def test_shows_the_next_runs_of_all_its_schedules_in_order(world: World) -> None:
    world.deploy(deployment("load", schedules=(HOURLY, HALF, PAUSED)))
    minutes = [(at - NOON) // timedelta(minutes=1) for at in status(world, "load").next_runs]
    assert minutes == [60, 90, 120, 180, 240]


def test_says_its_schedules_in_words(world: World) -> None:
    world.deploy(deployment("load", schedules=(HALF, PAUSED)))
    sentences = status(world, "load").schedules
    assert "every day at 13:30 UTC" in sentences
    assert sum(sentence.endswith("(paused)") for sentence in sentences) == 1


def test_shows_its_last_run_and_why_it_waits(world: World) -> None:
    world.deploy(deployment("a"), deployment("load", after=("a",)))
    assert status(world, "load").last_run is None
    assert status(world, "load").waiting == "waits for 'a', which has not run yet"
    run = world.trigger("load")
    last = status(world, "load").last_run
    assert last is not None
    assert (last.id, bool(last.wait_reason)) == (run.id, True)


def test_lists_one_namespace_or_all(world: World) -> None:
    world.deploy(deployment("b"), deployment("a"))
    assert [found.name for found in world.read(lambda tx: deployments.statuses(tx))] == ["a", "b"]
    other = Namespace(project="field", environment="staging")
    assert world.read(lambda tx: deployments.statuses(tx, other)) == []


def test_one_that_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="turnout apply"):
        status(world, "nobody")
