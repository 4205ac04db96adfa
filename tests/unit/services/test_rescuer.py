import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.orchestration.world import LEASE, World, deployment
from turnout.core.jobs import Job
from turnout.core.ports import Tx
from turnout.core.records import Uptime
from turnout.core.states import RunState
from turnout.services.rescuer import Rescuer


@pytest.fixture
def rescuer(world: World) -> Rescuer:
    made = Rescuer(LEASE, 5.0)
    made.tick(world.store, world.clock.now())
    return made


def running_job(world: World, **fields: object) -> Job:
    world.deploy(deployment("load", **fields))
    world.trigger("load")
    job = world.claim_one()
    world.start(job)
    return job


def sweep_for(world: World, rescuer: Rescuer, seconds: float, job: Job | None = None) -> None:
    """Sweep every five seconds, with a heartbeat of `job` beside each."""
    for _ in range(int(seconds // 5)):
        world.clock.advance(seconds=5)
        if job is not None:
            world.heartbeat(job)
        rescuer.tick(world.store, world.clock.now())


def test_gives_up_a_run_whose_lease_lapsed(world: World, rescuer: Rescuer) -> None:
    job = running_job(world)
    sweep_for(world, rescuer, 45)
    run = world.run(job.run)
    assert (run.state, run.reason) == (RunState.CRASHED, "its worker was not heard of for 30s")
    assert world.history(run)[-1].by == "system:rescuer"


def test_not_before(world: World, rescuer: Rescuer) -> None:
    job = running_job(world)
    sweep_for(world, rescuer, 30)
    assert world.run(job.run).state == RunState.RUNNING


def test_never_one_that_is_heard_of(world: World, rescuer: Rescuer) -> None:
    job = running_job(world)
    sweep_for(world, rescuer, 600, job)
    assert world.run(job.run).state == RunState.RUNNING


def test_opens_the_next_attempt_by_policy(world: World, rescuer: Rescuer) -> None:
    job = running_job(world, on_crash="resume")
    sweep_for(world, rescuer, 45)
    assert (world.run(job.run).attempt, world.run(job.run).state) == (2, RunState.SCHEDULED)


def test_a_run_that_was_being_cancelled_is_cancelled(world: World, rescuer: Rescuer) -> None:
    from turnout.orchestration import runs

    job = running_job(world)
    world.write(lambda tx: runs.cancel(tx, job.run.id, "ann", "enough"))
    sweep_for(world, rescuer, 45)
    assert (world.run(job.run).state, world.run(job.run).reason) == (RunState.CANCELLED, "enough")


@pytest.mark.parametrize("gap", [timedelta(hours=2), timedelta(hours=-2)])
def test_gives_grace_when_nobody_could_have_renewed(world: World, rescuer: Rescuer, gap: timedelta) -> None:
    job = running_job(world)
    world.clock.advance(seconds=gap.total_seconds())
    rescuer.tick(world.store, world.clock.now())
    assert world.run(job.run).state == RunState.RUNNING
    sweep_for(world, rescuer, 25)
    assert world.run(job.run).state == RunState.RUNNING
    if gap > timedelta(0):
        sweep_for(world, rescuer, 20)
        assert world.run(job.run).state == RunState.CRASHED


def test_gives_grace_after_a_start(world: World) -> None:
    job = running_job(world)
    world.clock.advance(minutes=10)
    rescuer = Rescuer(LEASE, 5.0)
    rescuer.tick(world.store, world.clock.now())
    sweep_for(world, rescuer, 25)
    assert world.run(job.run).state == RunState.RUNNING
    assert world.heartbeat(job).command is None


def test_short_absences_in_a_row_add_up_to_no_death(world: World, rescuer: Rescuer) -> None:
    job = running_job(world)
    sweep_for(world, rescuer, 5, job)
    for _ in range(4):  # nobody could renew for twelve seconds, four times, with two seconds between
        world.clock.advance(seconds=12)
        rescuer.tick(world.store, world.clock.now())
        world.clock.advance(seconds=2)
        rescuer.tick(world.store, world.clock.now())
    assert world.run(job.run).state == RunState.RUNNING
    sweep_for(world, rescuer, 30)
    assert world.run(job.run).state == RunState.CRASHED


def test_gives_grace_after_a_start_though_the_clock_was_set_back_meanwhile(world: World) -> None:
    up = 0.0

    def uptime() -> Uptime:
        return Uptime(boot="this one", seconds=up)

    job = running_job(world)
    Rescuer(LEASE, 5.0, uptime).tick(world.store, world.clock.now())
    world.clock.advance(seconds=4)  # forty seconds went by, and the clock lost thirty-six of them
    up += 40
    restarted = Rescuer(LEASE, 5.0, uptime)
    restarted.tick(world.store, world.clock.now())
    sweep_for(world, restarted, 28)
    assert world.run(job.run).state == RunState.RUNNING


@pytest.mark.parametrize("restarts", [False, True])
def test_a_clock_that_is_set_and_set_back_between_two_sweeps_is_no_death(
    world: World, rescuer: Rescuer, restarts: bool
) -> None:
    job = running_job(world)
    sweep_for(world, rescuer, 20, job)
    world.clock.advance(seconds=-3600)
    world.heartbeat(job)  # until an hour ago and half a minute
    world.clock.advance(seconds=3605)
    if restarts:
        rescuer = Rescuer(LEASE, 5.0)
    rescuer.tick(world.store, world.clock.now())
    assert world.run(job.run).state == RunState.RUNNING
    sweep_for(world, rescuer, 25)
    assert world.run(job.run).state == RunState.RUNNING
    sweep_for(world, rescuer, 15)  # it was not heard of since
    assert world.run(job.run).state == RunState.CRASHED


def test_one_run_that_cannot_be_given_up_holds_up_no_other(
    world: World, rescuer: Rescuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.deploy(deployment("load"))
    first, second = world.trigger("load"), world.trigger("load")
    world.register()
    world.claim()
    from turnout.services import rescuer as module

    real = module.apply

    def fail_for_first(tx, run, event, by):  # type: ignore[no-untyped-def]
        if run.id == first.id:
            raise RuntimeError("no")
        return real(tx, run, event, by)

    monkeypatch.setattr(module, "apply", fail_for_first)
    with caplog.at_level(logging.ERROR):
        sweep_for(world, rescuer, 45)
    assert world.run(first).state == RunState.PENDING
    assert world.run(second).state == RunState.CRASHED
    assert first.id in caplog.text
    monkeypatch.undo()
    sweep_for(world, rescuer, 5)
    assert world.run(first).state == RunState.CRASHED


def test_a_server_that_crashes_again_and_again_keeps_no_dead_run_alive(world: World) -> None:
    job = running_job(world)
    for _ in range(12):
        Rescuer(LEASE, 5.0).tick(world.store, world.clock.now())
        world.clock.advance(seconds=4)
    assert world.run(job.run).state == RunState.CRASHED


def test_a_server_that_starts_beside_another_gives_no_grace(world: World, rescuer: Rescuer) -> None:
    job = running_job(world)
    for _ in range(9):
        world.clock.advance(seconds=5)
        rescuer.tick(world.store, world.clock.now())
        Rescuer(LEASE, 5.0).tick(world.store, world.clock.now())
    assert world.run(job.run).state == RunState.CRASHED


def test_nothing_is_written_while_there_is_nobody_to_rescue(world: World, rescuer: Rescuer) -> None:
    sweep_for(world, rescuer, 60)
    assert world.store.read(lambda tx: tx.duties.last("rescuer")) is None


def test_gives_nobody_up_when_it_was_stopped_in_the_middle_of_a_sweep(world: World, rescuer: Rescuer) -> None:
    job = running_job(world)
    sweep_for(world, rescuer, 20, job)
    rescuer.tick(StoppedAfterWrite(world), world.clock.now())  # type: ignore[arg-type]
    assert world.run(job.run).state == RunState.RUNNING
    rescuer.tick(world.store, world.clock.now())
    world.heartbeat(job)


class StoppedAfterWrite:
    """The store for a process that is stopped for a minute after its first write."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.read, self.submit = world.store.read, world.store.submit

    def write(self, work: Callable[[Tx], object]) -> object:
        found = self._world.store.write(work)
        self._world.clock.advance(seconds=60)
        return found
