"""Slots that tasks take: in line, given back, let go with their attempt; and the queue beside them."""

from datetime import timedelta

import pytest

from tests.unit.orchestration.world import NOON, POOL, World, deployment, token_of
from turnout.core.errors import Conflict, Fenced, Forbidden, NotFound, ParameterError
from turnout.core.jobs import Job
from turnout.core.records import Holder, Namespace
from turnout.core.snapshot import LimitSpec, LimitUse
from turnout.orchestration import slots
from turnout.orchestration.holding import limit_statuses


@pytest.fixture
def jobs(world: World) -> list[Job]:
    """Three running runs whose tasks use `api` (two at once) and `slow` (a rate)."""
    world.deploy(
        deployment("load"),
        deployment("send", limits=(LimitUse(name="api"),)),
        limits={"api": LimitSpec(concurrency=2), "slow": LimitSpec(rate="1/s"), "other": LimitSpec(concurrency=1)},
    )
    for _ in range(3):
        world.trigger("load")
    world.register()
    found = world.claim(3)
    for job in found:
        world.start(job)
    return found


def acquire(
    world: World, job: Job, holder: str, limit: str = "api", weight: int = 1, patience: float = 30
) -> slots.Grant:
    return world.write(
        lambda tx: slots.acquire(tx, token_of(job), job.run.id, job.run.attempt, limit, holder, weight, patience)
    )


def release(world: World, job: Job, holder: str, limit: str = "api") -> bool:
    return world.write(lambda tx: slots.release(tx, token_of(job), job.run.id, job.run.attempt, limit, holder))


def holders(world: World, limit: str = "api") -> list[Holder]:
    return world.read(lambda tx: tx.limits.holders("field", ("production", "limit", limit), 100))


def test_a_task_holds_its_slot_until_it_gives_it_back(world: World, jobs: list[Job]) -> None:
    assert acquire(world, jobs[0], "a").held
    assert acquire(world, jobs[1], "b").held
    waiting = acquire(world, jobs[2], "c")
    assert (waiting.held, waiting.reason) == (False, "limit 'api': 2 of 2 taken")
    assert release(world, jobs[0], "a")
    assert acquire(world, jobs[2], "c").held
    assert {(it.run_id, it.holder) for it in holders(world)} == {(jobs[1].run.id, "b"), (jobs[2].run.id, "c")}


def test_asking_again_gives_the_same_slot(world: World, jobs: list[Job]) -> None:
    for _ in range(3):
        assert acquire(world, jobs[0], "a").held
    assert len(holders(world)) == 1
    assert release(world, jobs[0], "a")
    assert not release(world, jobs[0], "a")
    assert holders(world) == []


def test_whoever_asked_first_goes_first_and_keeps_the_place(world: World, jobs: list[Job]) -> None:
    for holder in ("a", "b"):
        acquire(world, jobs[0], holder)
    for holder in ("c", "d"):
        world.clock.advance(seconds=1)
        acquire(world, jobs[1], holder)
    world.clock.advance(seconds=1)
    acquire(world, jobs[1], "c")
    release(world, jobs[0], "a")
    assert not acquire(world, jobs[1], "d").held
    assert acquire(world, jobs[1], "c").held


def test_a_place_in_line_is_lost_when_nobody_asks_again(world: World, jobs: list[Job]) -> None:
    for holder in ("a", "b"):
        acquire(world, jobs[0], holder)
    acquire(world, jobs[1], "c", patience=5)
    world.clock.advance(seconds=6)
    acquire(world, jobs[1], "d")
    release(world, jobs[0], "a")
    assert acquire(world, jobs[1], "d").held


def test_priority_goes_before_time(world: World, jobs: list[Job]) -> None:
    urgent = world.trigger("load", priority=7)
    [job] = world.claim(1)
    assert job.run.id == urgent.id
    world.start(job)
    for holder in ("a", "b"):
        acquire(world, jobs[0], holder)
    acquire(world, jobs[1], "early")
    world.clock.advance(seconds=1)
    acquire(world, job, "urgent")
    release(world, jobs[0], "a")
    assert not acquire(world, jobs[1], "early").held
    assert acquire(world, job, "urgent").held


def test_weights_are_taken_together(world: World, jobs: list[Job]) -> None:
    assert acquire(world, jobs[0], "a").held
    assert not acquire(world, jobs[1], "heavy", weight=2).held
    assert not acquire(world, jobs[2], "light").held, "the one before it waits for both"
    release(world, jobs[0], "a")
    assert acquire(world, jobs[1], "heavy", weight=9).held
    assert holders(world)[0].weight == 2, "no more than there is"


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled", "lost"])
def test_the_end_of_an_attempt_lets_everything_go(world: World, jobs: list[Job], end: str) -> None:
    first = jobs[0]
    acquire(world, first, "a")
    acquire(world, first, "b")
    acquire(world, jobs[1], "c")
    acquire(world, first, "waiting")
    world.hints.topics.clear()
    match end:
        case "completed":
            world.complete(first)
        case "failed":
            world.fail(first)
        case "cancelled" | "lost":
            world.report(first, end)  # type: ignore[arg-type]
    assert world.read(lambda tx: tx.limits.of_run(first.run.id)) == []
    assert {"limit:field/production/api", "pool:field/default"} <= set(world.hints.topics)
    assert acquire(world, jobs[1], "c").held


def test_a_rate_lets_tasks_through_one_by_one(world: World, jobs: list[Job]) -> None:
    assert acquire(world, jobs[0], "a", "slow").held
    waiting = acquire(world, jobs[1], "b", "slow")
    assert (waiting.held, waiting.next_at) == (False, NOON + timedelta(seconds=1))
    assert waiting.reason == "limit 'slow' lets the next one through at 12:00:01 UTC"
    behind = acquire(world, jobs[2], "c", "slow")
    assert (behind.reason or "").endswith("; 1 wait before it")
    world.clock.advance(seconds=1)
    assert not acquire(world, jobs[2], "c", "slow").held
    assert acquire(world, jobs[1], "b", "slow").held


def test_a_queued_run_leaves_a_waiting_task_its_place(world: World, jobs: list[Job]) -> None:
    for holder in ("a", "b"):
        acquire(world, jobs[0], holder)
    acquire(world, jobs[1], "c")
    world.clock.advance(seconds=1)
    run = world.trigger("send")
    assert release(world, jobs[0], "a")
    assert world.claim() == []
    assert acquire(world, jobs[1], "c").held
    release(world, jobs[0], "b")
    assert [job.run.id for job in world.claim()] == [run.id]


def test_what_cannot_be_is_told(world: World, jobs: list[Job]) -> None:
    with pytest.raises(NotFound, match="did you mean 'api'"):
        acquire(world, jobs[0], "a", "apo")
    with pytest.raises(ParameterError):
        acquire(world, jobs[0], "")
    with pytest.raises(Forbidden):
        world.write(lambda tx: slots.acquire(tx, token_of(jobs[1]), jobs[0].run.id, 1, "api", "a", 1, 1))
    world.trigger("send")
    [own] = world.claim()
    world.start(own)
    with pytest.raises(Conflict, match="itself bound"):
        acquire(world, own, "a")
    world.report(jobs[0], "lost")
    with pytest.raises(Fenced):
        world.write(lambda tx: slots.acquire(tx, POOL, jobs[0].run.id, 1, "api", "a", 1, 1))


def test_limits_are_shown_with_holders_and_waiters(world: World, jobs: list[Job]) -> None:
    acquire(world, jobs[0], "a")
    for _ in range(3):
        world.trigger("send")
    [sending] = world.claim()
    acquire(world, jobs[1], "b")
    acquire(world, jobs[1], "c", "slow")
    found = {it.name: it for it in world.read(lambda tx: limit_statuses(tx, Namespace(project="field")))}
    api = found["api"]
    assert (api.kind, api.concurrency, api.rate, api.held, api.waiting) == ("limit", 2, None, 2, 3)
    assert [(it.run_id, it.holder) for it in api.holders] == sorted([(jobs[0].run.id, "a"), (sending.run.id, "")])
    assert (found["slow"].rate, found["slow"].held, found["slow"].next_at) == ("1/s", 0, NOON + timedelta(seconds=1))
    assert (found["other"].held, found["other"].waiting) == (0, 0)


def test_a_run_that_took_a_whole_small_limit_takes_its_weight_of_a_larger_one(world: World) -> None:
    """Else two runs of weight two would run beside each other under a limit of three."""
    heavy = deployment("heavy", limits=(LimitUse(name="api", weight=2),))
    world.deploy(heavy, limits={"api": LimitSpec(concurrency=1)})
    world.trigger("heavy")
    world.trigger("heavy")
    world.register()
    [first] = world.claim(2)
    world.start(first)
    assert [holder.weight for holder in holders(world)] == [1]
    world.deploy(heavy, limits={"api": LimitSpec(concurrency=3)})
    assert [holder.weight for holder in holders(world)] == [2]
    assert world.claim(2) == []
    world.complete(first)
    assert len(world.claim(2)) == 1
