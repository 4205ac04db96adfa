"""Back to an earlier release: everything as it was, as a new release."""

import hashlib
from dataclasses import replace

import pytest

from tests.unit.orchestration.world import FIELD, World, deployment, project
from turnout.core.errors import Conflict, NotFound
from turnout.core.operations import Remove
from turnout.core.plain import same
from turnout.core.records import Page, Release
from turnout.core.snapshot import LimitSpec, ScheduleSpec
from turnout.orchestration.rollback import plan_rollback, rollback

HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *")
FIRST = project(
    deployment("load", schedules=(HOURLY,)), deployment("send"), timezone="UTC", variables={"size": 1},
    limits={"van-api": LimitSpec(concurrency=3)},
)  # fmt: skip
SECOND = project(deployment("load", retries=2), deployment("new"), timezone="UTC", variables={"size": 2})


def bundle(world: World, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    world.write(lambda tx: tx.bundles.put(digest, content))
    return digest


def newest(world: World) -> Release:
    return world.read(lambda tx: tx.projects.releases(FIELD, Page(limit=1)))[0]


@pytest.fixture
def two(world: World) -> World:
    world.apply(FIRST, bundle=bundle(world, b"one"), commit="aaa", author="Ann", message="First")
    world.apply(SECOND, bundle=bundle(world, b"two"), commit="bbb", author="Bob", message="Second")
    return world


def test_everything_is_as_it_was(two: World) -> None:
    answer = two.write(lambda tx: rollback(tx, FIELD, None, by="ann"))
    assert (answer["release"], answer["changed"]) == (3, True)
    found = two.read(lambda tx: tx.projects.snapshot(FIELD))
    assert same(found, (3, FIRST))
    release = newest(two)
    assert release.bundle == hashlib.sha256(b"one").hexdigest()
    assert (release.commit, release.author, release.applied_by) == ("aaa", "Ann", "ann")
    assert release.message == "Back to release 1: First"
    [schedule] = two.read(lambda tx: tx.projects.schedules(FIELD, "load"))
    assert schedule.next_due is not None
    assert two.read(lambda tx: tx.projects.deployment(FIELD, "new")) is None


def test_the_plan_says_it_before(two: World) -> None:
    release, found = two.read(lambda tx: plan_rollback(tx, FIELD, 1))
    assert release.number == 1
    assert [item.name for item in found.operations if isinstance(item, Remove)] == ["new"]
    assert newest(two).number == 2


def test_back_and_forth_ends_where_it_began(two: World) -> None:
    two.write(lambda tx: rollback(tx, FIELD, 1, by="ann"))
    two.write(lambda tx: rollback(tx, FIELD, 2, by="ann"))
    assert same(two.read(lambda tx: tx.projects.snapshot(FIELD)), (4, SECOND))
    assert newest(two).bundle == hashlib.sha256(b"two").hexdigest()


def test_runs_that_wait_for_what_goes_are_skipped(two: World) -> None:
    run = two.trigger("new")
    two.write(lambda tx: rollback(tx, FIELD, 1, by="ann"))
    found = two.read(lambda tx: tx.runs.get(run.id))
    assert found is not None
    assert (found.state, found.reason) == ("skipped", "release 3 removed deployment 'new'")


def test_a_server_that_moved_meanwhile_is_a_conflict(two: World) -> None:
    with pytest.raises(Conflict, match="the server is at release 2"):
        two.write(lambda tx: rollback(tx, FIELD, 1, by="ann", expected_release=1))
    assert newest(two).number == 2


@pytest.mark.parametrize("number", [2, 7, 0])
def test_what_cannot_be_gone_back_to(two: World, number: int) -> None:
    with pytest.raises((Conflict, NotFound)) as refused:
        two.write(lambda tx: rollback(tx, FIELD, number, by="ann"))
    assert refused.value.fix
    assert newest(two).number == 2


def test_before_anything_was_applied(world: World) -> None:
    with pytest.raises(NotFound, match="nothing was applied"):
        world.write(lambda tx: rollback(tx, FIELD, None, by="ann"))


def test_the_first_release_has_none_before_it(world: World) -> None:
    world.apply(FIRST)
    with pytest.raises(NotFound, match="no release 0"):
        world.write(lambda tx: rollback(tx, FIELD, None, by="ann"))


def test_code_that_is_not_kept_is_said(two: World) -> None:
    lost, after = replace(newest(two), number=3, bundle="f" * 64), replace(newest(two), number=4)
    two.write(lambda tx: [tx.projects.write_release(release, SECOND) for release in (lost, after)])
    with pytest.raises(Conflict, match="code of release 3 is not kept") as refused:
        two.write(lambda tx: rollback(tx, FIELD, 3, by="ann"))
    assert refused.value.fix == "apply commit bbb from the repository"
