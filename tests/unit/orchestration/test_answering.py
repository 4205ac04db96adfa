"""Runs that wait for people: their states, slots, leases and tokens, and every promise about them."""

from datetime import timedelta

import pytest

from tests.unit.orchestration.world import ANN, NOON, World, deployment
from turnout.core.errors import Conflict, Fenced, ParameterError, TooLarge
from turnout.core.jobs import Job
from turnout.core.records import FlowRun
from turnout.core.snapshot import Concurrency
from turnout.core.states import RunState
from turnout.core.tokens import run_token_hash
from turnout.orchestration import answering, runs
from turnout.orchestration.misfits import misfits_of_answer
from turnout.services.questions import Questions
from turnout.store.invariants import check

FORM = {
    "type": "object",
    "properties": {"send": {"type": "boolean"}, "batch": {"type": "integer", "default": 5}},
    "required": ["send"],
}


def begun(world: World, name: str = "texts") -> Job:
    world.deploy(deployment(name, concurrency=Concurrency(limit=1)))
    world.trigger(name)
    job = world.claim_one()
    world.start(job)
    return job


def pause(world: World, job: Job, *, suspend: bool = False, timeout: float | None = None) -> None:
    question = {"key": "pause#0", "form": FORM, "description": "Ready?", "timeout": timeout}
    name = {"name": "Suspended"} if suspend else {}
    world.say(job, ("s", 0, "paused", world.seconds, {**name, "question": question}))


def answer(world: World, job: Job, **value: object) -> FlowRun:
    return world.write(lambda tx: answering.answer(tx, job.run.id, ANN, value))


def promises_hold(world: World) -> None:
    assert world.read(lambda tx: check(tx)) == []


def test_a_paused_run_keeps_its_lease_and_slot_and_goes_on_when_answered(world: World) -> None:
    job = begun(world)
    pause(world, job, timeout=60)
    run = world.run(job.run)
    assert (run.state, run.suspended, run.lease_until is not None) == (RunState.PAUSED, False, True)
    asked = world.read(lambda tx: answering.question(tx, run.id))
    assert asked is not None
    assert (asked.key, asked.form, asked.until) == ("pause#0", FORM, NOON + timedelta(seconds=60))
    world.heartbeat(job)
    other = world.trigger("texts")
    assert world.claim() == [], "its slot is taken"
    promises_hold(world)
    for wrong in ({}, {"send": 1}, {"send": True, "batch": "x"}, {"send": True, "other": 1}):
        with pytest.raises(ParameterError):
            answer(world, job, **wrong)
    assert answer(world, job, send=True).state == RunState.RUNNING
    told = world.read(lambda tx: tx.inputs.told(run.id, answering.ANSWER, 0, 10))
    assert [(each.key, each.value, each.sender) for each in told] == [("answer:pause#0", {"send": True}, "admin:ann")]
    with pytest.raises(Conflict, match="is not paused"):
        answer(world, job, send=True)
    world.say(job, ("s", 0, "running", world.seconds, None))
    world.complete(job)
    assert world.states(run) == ["scheduled", "pending", "running", "paused", "running", "completed"]
    assert world.run(run).started_at == NOON
    assert [claimed.run.id for claimed in world.claim()] == [other.id]
    promises_hold(world)


def test_what_is_wrong_with_an_answer_is_told_by_its_place(world: World) -> None:
    job = begun(world)
    assert world.read(lambda tx: misfits_of_answer(tx, job.run.id, {"any": 1})) == [], "nothing is asked"
    pause(world, job)
    found = world.read(lambda tx: misfits_of_answer(tx, job.run.id, {"batch": "x", "other": 1}))
    assert [misfit.path for misfit in found] == [("other",), ("send",), ("batch",)]
    assert world.read(lambda tx: misfits_of_answer(tx, job.run.id, {"send": True})) == []
    assert world.run(job.run).state == RunState.PAUSED


def test_a_suspended_run_holds_nothing_and_opens_an_attempt_when_answered(world: World) -> None:
    job = begun(world)
    pause(world, job, suspend=True)
    run = world.run(job.run)
    assert (run.state_name, run.suspended, run.worker, run.lease_until) == ("Suspended", True, None, None)
    promises_hold(world)
    with pytest.raises(Fenced):
        world.heartbeat(job)
    world.say(job, ("e", world.seconds))
    assert world.report(job, "lost").state == RunState.PAUSED, "its process is gone, as it should be"
    other = world.trigger("texts")
    [second] = world.claim()
    assert second.run.id == other.id, "its slot is free"
    promises_hold(world)
    opened = answer(world, job, send=False)
    assert (opened.state, opened.attempt, opened.state_name) == (RunState.SCHEDULED, 2, "AwaitingResume")
    world.start(second)
    world.complete(second)
    [again] = world.claim()
    assert (again.run.id, again.resume) == (run.id, True)
    assert world.read(lambda tx: tx.runs.token_holder(run_token_hash(again.token))) is not None
    promises_hold(world)


def test_a_suspended_run_is_cancelled_at_once_and_asks_nothing_any_more(world: World) -> None:
    job = begun(world)
    pause(world, job, suspend=True)
    assert world.write(lambda tx: runs.cancel(tx, job.run.id, ANN)).state == RunState.CANCELLED
    assert world.read(lambda tx: tx.inputs.question(job.run.id)) is None
    promises_hold(world)


def test_nobody_answers_a_suspended_run_in_time(world: World) -> None:
    job = begun(world)
    pause(world, job, suspend=True, timeout=60)
    service = Questions()
    service.tick(world.store, world.clock.now())
    assert world.run(job.run).state == RunState.PAUSED
    world.clock.advance(seconds=61)
    service.tick(world.store, world.clock.now())
    run = world.run(job.run)
    assert (run.state, run.state_name, run.reason) == (RunState.FAILED, "TimedOut", "nobody answered within 1m")
    service.tick(world.store, world.clock.now())
    promises_hold(world)


def test_a_run_that_waits_in_its_process_times_out_by_its_own_word(world: World) -> None:
    job = begun(world)
    pause(world, job, timeout=60)
    world.clock.advance(seconds=61)
    world.write(lambda tx: tx.runs.renew(job.run.id, 1, world.clock.now() + timedelta(seconds=30)))
    Questions().tick(world.store, world.clock.now())
    assert world.run(job.run).state == RunState.PAUSED
    world.say(job, ("s", 0, "running", world.seconds, None))
    assert world.run(job.run).reason == "nobody answered in time"
    world.fail(job, "PauseTimeout: late")
    promises_hold(world)


def test_a_lost_process_takes_its_question_along(world: World) -> None:
    job = begun(world)
    pause(world, job)
    assert world.report(job, "lost").state == RunState.CRASHED
    assert world.read(lambda tx: tx.inputs.question(job.run.id)) is None
    promises_hold(world)


def test_odd_questions_of_a_journal_do_no_harm(world: World) -> None:
    job = begun(world)
    for question in ("text", {"key": 5, "form": "no", "timeout": "soon", "description": 7}, None):
        world.say(job, ("s", 0, "paused", world.seconds, {"question": question}))
        world.say(job, ("s", 0, "running", world.seconds, None))
    world.complete(job)
    promises_hold(world)


def test_what_a_run_is_told_has_bounds(world: World) -> None:
    job = begun(world)
    send = answering.send
    assert world.write(lambda tx: send(tx, job.run.id, "k", {"a": 1}, "me"))
    assert not world.write(lambda tx: send(tx, job.run.id, "k", {"a": 2}, "me"))
    for key in ("", "x" * 201, "answer:pause#0"):
        with pytest.raises(ParameterError):
            world.write(lambda tx, key=key: send(tx, job.run.id, key, 1, None))  # type: ignore[misc]
    with pytest.raises(TooLarge):
        world.write(lambda tx: send(tx, job.run.id, "big", "x" * 300_000, None))
    world.complete(job)
    with pytest.raises(Conflict, match="is over"):
        world.write(lambda tx: send(tx, job.run.id, "late", 1, None))
