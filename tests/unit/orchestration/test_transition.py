from datetime import timedelta
from typing import Any, Literal

import pytest

from tests.unit.orchestration.world import NOON, World, deployment
from turnout.core import events as ev
from turnout.core.errors import Conflict, IllegalTransition
from turnout.core.jobs import Job
from turnout.core.ports import Tx
from turnout.core.records import Page
from turnout.core.states import RunState
from turnout.orchestration.transition import Lease, apply


def claimed(world: World, **fields: Any) -> Job:
    world.deploy(deployment("load", **fields))
    world.trigger("load")
    return world.claim_one()


def test_a_run_goes_its_way_with_its_times_and_no_gap_in_its_history(world: World) -> None:
    job = claimed(world)
    world.clock.advance(seconds=2)
    world.start(job)
    world.clock.advance(seconds=5)
    world.complete(job)
    run = world.run(job.run)
    assert (run.started_at, run.ended_at) == (NOON + timedelta(seconds=2), NOON + timedelta(seconds=7))
    assert (run.lease_until, run.worker) == (None, "w1")
    assert [(entry.version, entry.state) for entry in world.history(run)] == [
        (1, RunState.SCHEDULED),
        (2, RunState.PENDING),
        (3, RunState.RUNNING),
        (4, RunState.COMPLETED),
    ]


def test_a_failure_opens_the_next_attempt_in_the_same_transaction(world: World) -> None:
    job = claimed(world, retries=1, retry_delay_seconds=60)
    world.start(job)
    world.fail(job, "ValueError: no")
    run = world.run(job.run)
    assert (run.state, run.state_name, run.attempt, run.failures) == (RunState.SCHEDULED, "AwaitingRetry", 2, 1)
    assert run.due_at == NOON + timedelta(seconds=60)
    assert (run.started_at, run.ended_at, run.worker, run.lease_until) == (None, None, None, None)
    assert "retry 1 of 1" in (run.reason or "")
    assert world.states(run) == ["scheduled", "pending", "running", "failed", "scheduled"]


def test_a_loss_counts_and_resumes_where_the_policy_says_so(world: World) -> None:
    job = claimed(world, on_crash="resume")
    world.start(job)
    world.report(job, "lost", "killed by signal 9 (SIGKILL)")
    run = world.run(job.run)
    assert (run.state_name, run.attempt, run.crashes, run.failures) == ("AwaitingResume", 2, 1, 0)


def test_what_the_table_refuses_is_told_with_the_runs_story(world: World) -> None:
    job = claimed(world)
    world.start(job)
    world.complete(job)
    run = world.run(job.run)
    with pytest.raises(IllegalTransition) as caught:
        world.write(lambda tx: apply(tx, run, ev.CancelRequested(reason="stop"), "test"))
    assert "completed" in caught.value.what
    assert run.name in (caught.value.where or "")
    assert "Running" in (caught.value.where or "")
    assert "retry" in (caught.value.fix or "")
    assert world.run(run) == run


def test_a_claim_before_the_run_is_due_is_refused(world: World) -> None:
    world.deploy(deployment("load"))
    run = world.trigger("load", due_at=NOON + timedelta(minutes=5))
    with pytest.raises(IllegalTransition, match="0:05:00"):
        world.write(lambda tx: apply(tx, run, ev.Claimed(worker="w"), "test"))


def test_a_run_that_moved_since_it_was_read_is_a_conflict(world: World) -> None:
    world.deploy(deployment("load"))
    stale = world.trigger("load")
    lease = Lease(until=NOON, key=None, token_hash="h")
    world.write(lambda tx: apply(tx, stale, ev.Claimed(worker="w"), "test", lease=lease))
    with pytest.raises(Conflict):
        world.write(lambda tx: apply(tx, stale, ev.Skipped(reason="no"), "test"))


@pytest.mark.parametrize(("event", "state"), [("lost", RunState.CRASHED), ("cancelled", RunState.CANCELLED)])
def test_open_tasks_of_an_attempt_that_ends_without_its_word_are_closed(
    world: World, event: Literal["lost", "cancelled"], state: RunState
) -> None:
    job = claimed(world)
    world.start(job)
    world.say(job, ("c", 1, 0, "task", "load#0", "load", world.seconds, "running", None))
    world.report(job, event, "gone")
    [task] = world.read(lambda tx: tx.journal.tasks(job.run.id, None, Page()))
    assert task.state == state


def test_times_are_the_journals_but_never_beyond_what_the_server_knows(world: World) -> None:
    job = claimed(world)
    world.say(job, ("s", 0, "running", world.seconds - 3600, None))
    assert world.run(job.run).started_at == NOON
    world.clock.advance(seconds=60)
    world.say(job, ("s", 0, "completed", world.seconds - 20, None))
    assert world.run(job.run).ended_at == NOON + timedelta(seconds=40)


def test_hints_follow_the_commit(world: World) -> None:
    job = claimed(world)
    world.start(job)
    world.hints.topics.clear()
    world.complete(job)
    assert {f"run:{job.run.id}", f"log:{job.run.id}", "pool:field/default"} <= set(world.hints.topics)


def test_nothing_is_hinted_when_nothing_is_committed(world: World) -> None:
    job = claimed(world)
    world.hints.topics.clear()

    def fail_after(tx: Tx) -> None:
        apply(tx, job.run, ev.CancelRequested(reason="stop"), "test")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        world.write(fail_after)
    assert world.hints.topics == []
    assert world.run(job.run).state == RunState.PENDING


def test_no_run_ends_before_it_started_though_the_clock_was_set_back(world: World) -> None:
    world.deploy(deployment("van"))
    world.trigger("van")
    job = world.claim_one()
    world.start(job)
    started = world.run(job.run).started_at
    world.clock.advance(seconds=-3600)
    world.complete(job)
    assert world.run(job.run).ended_at == started
