from datetime import timedelta

import pytest

from tests.unit.orchestration.world import ANN, FIELD, NOON, World, deployment
from turnout.core.errors import Conflict, IllegalTransition, NotFound, ParameterError, TooLarge
from turnout.core.names import run_name
from turnout.core.ports import Tx
from turnout.core.records import FlowRun
from turnout.core.snapshot import Concurrency
from turnout.core.states import RunState
from turnout.orchestration import runs
from turnout.orchestration.scripts import register_script

SCHEMA = {"properties": {"size": {"type": "integer", "minimum": 1}, "who": {"type": "string"}}, "required": ["size"]}


def cancel(world: World, run: FlowRun, reason: str | None = None) -> FlowRun:
    return world.write(lambda tx: runs.cancel(tx, run.id, ANN, reason))


def retry(world: World, run: FlowRun, *, from_failure: bool = True) -> FlowRun:
    return world.write(lambda tx: runs.retry(tx, run.id, ANN, from_failure=from_failure))


class TestCreate:
    def test_carries_what_its_deployment_says_now(self, world: World) -> None:
        world.deploy(deployment("load", retries=2, timeout_seconds=60, tags=("a",), parameters={"size": 1, "who": "x"}))
        run = world.trigger("load", parameters={"size": 5}, tags=["b", "a"])
        assert run.state == RunState.SCHEDULED
        assert run.parameters == {"size": 5, "who": "x"}
        assert run.tags == ("a", "b")
        assert (run.spec.policy.retries, run.spec.policy.timeout_seconds, run.spec.release) == (2, 60, 1)
        assert (run.trigger, run.created_by, run.due_at) == ("manual", "admin:ann", NOON)
        assert run.name == run_name(run.id)
        assert world.run(run) == run

    def test_later_releases_do_not_reach_it(self, world: World) -> None:
        world.deploy(deployment("load", retries=2))
        run = world.trigger("load")
        world.deploy(deployment("load", retries=0))
        assert world.run(run).spec.policy.retries == 2

    def test_wakes_the_pool(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.hints.topics.clear()
        world.trigger("load")
        assert world.hints.topics == ["pool:field/default"]

    def test_of_an_unknown_deployment_names_those_there_are(self, world: World) -> None:
        world.deploy(deployment("load"), deployment("send"))
        with pytest.raises(NotFound, match="load, send"):
            world.trigger("laod")

    def test_repeating_the_idempotency_key_repeats_the_answer(self, world: World) -> None:
        world.deploy(deployment("load"))
        first = world.trigger("load", idempotency_key="k")
        assert world.trigger("load", idempotency_key="k").id == first.id
        assert world.trigger("load", idempotency_key="other").id != first.id
        assert len(world.runs_of("load")) == 2


class TestParameters:
    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ({}, "'size' is missing"),
            ({"size": "many"}, "'size' does not fit"),
            ({"size": 0}, "minimum"),
            ({"size": True}, "'size'"),
            ({"size": 1, "colour": "red"}, "no parameter 'colour'"),
        ],
    )
    def test_that_do_not_fit_make_no_run(self, world: World, given: dict[str, object], named: str) -> None:
        world.deploy(deployment("load", parameter_schema=SCHEMA))
        with pytest.raises(ParameterError, match=named) as caught:
            world.trigger("load", parameters=given)
        assert "load" in (caught.value.where or "")
        assert caught.value.fix
        assert world.runs_of("load") == []

    def test_a_variable_is_checked_with_its_value_and_kept_as_a_reference(self, world: World) -> None:
        spec = deployment("load", parameter_schema=SCHEMA, parameters={"size": "${var:turf}"})
        world.deploy(spec, variables={"turf": 12})
        assert world.trigger("load").parameters == {"size": "${var:turf}"}
        world.deploy(spec, variables={"turf": "twelve"})
        with pytest.raises(ParameterError, match="size"):
            world.trigger("load")

    def test_a_flow_that_takes_anything_is_given_anything(self, world: World) -> None:
        world.deploy(deployment("load", parameter_schema={**SCHEMA, "additionalProperties": True}))
        assert world.trigger("load", parameters={"size": 1, "colour": "red"}).parameters["colour"] == "red"

    def test_beyond_the_limit_are_refused(self, world: World) -> None:
        world.deploy(deployment("load"))
        with pytest.raises(TooLarge, match="256,000"):
            world.trigger("load", parameters={"text": "x" * 256_000})


class TestCollisions:
    def test_queue_waits_for_its_turn(self, world: World) -> None:
        world.deploy(deployment("load", concurrency=Concurrency(limit=1)))
        world.trigger("load")
        second = world.trigger("load")
        job = world.claim_one()
        assert world.claim() == []
        world.start(job)
        world.complete(job)
        assert [job.run.id for job in world.claim()] == [second.id]

    def test_skip_records_the_run_and_why(self, world: World) -> None:
        world.deploy(deployment("load", concurrency=Concurrency(limit=1, on_collision="skip")))
        first = world.trigger("load")
        second = world.trigger("load")
        assert second.state == RunState.SKIPPED
        assert first.name in (second.reason or "")

    def test_replace_stops_the_live_one_and_starts_after_it(self, world: World) -> None:
        world.deploy(deployment("load", concurrency=Concurrency(limit=1, on_collision="replace")))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        second = world.trigger("load")
        assert world.run(job.run).state == RunState.CANCELLING
        assert world.heartbeat(job).command == "cancel"
        assert world.claim() == []
        world.report(job, "cancelled")
        assert second.name in (world.run(job.run).reason or "")
        assert [job.run.id for job in world.claim()] == [second.id]

    def test_queue_latest_keeps_the_live_one_and_the_newest(self, world: World) -> None:
        world.deploy(deployment("load", concurrency=Concurrency(limit=1, on_collision="queue-latest")))
        world.trigger("load")
        job = world.claim_one()
        second, third = world.trigger("load"), world.trigger("load")
        assert world.run(job.run).state == RunState.PENDING
        assert world.run(second).state == RunState.SKIPPED
        assert world.run(third).state == RunState.SCHEDULED

    def test_a_run_for_later_collides_with_nothing_now(self, world: World) -> None:
        world.deploy(deployment("load", concurrency=Concurrency(limit=1, on_collision="skip")))
        later = world.trigger("load", due_at=NOON + timedelta(hours=1))
        assert world.trigger("load").state == RunState.SCHEDULED
        assert world.run(later).state == RunState.SCHEDULED


class TestCancel:
    def test_a_waiting_run_is_cancelled_at_once(self, world: World) -> None:
        world.deploy(deployment("load"))
        run = cancel(world, world.trigger("load"), "changed my mind")
        assert (run.state, run.reason, run.ended_at) == (RunState.CANCELLED, "changed my mind", NOON)

    def test_a_live_run_is_cancelling_until_its_executor_confirms(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        assert cancel(world, job.run, "stop").state == RunState.CANCELLING
        beat = world.heartbeat(job)
        assert (beat.command, beat.reason) == ("cancel", "stop")
        world.say(job, ("s", 0, "cancelled", world.seconds, None), ("e", world.seconds))
        assert (world.run(job.run).state, world.run(job.run).reason) == (RunState.CANCELLED, "stop")

    def test_asking_again_changes_nothing(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        assert cancel(world, job.run, "stop") == cancel(world, job.run, "stop now")

    def test_a_run_that_is_over_cannot_be_cancelled(self, world: World) -> None:
        world.deploy(deployment("load"))
        with pytest.raises(IllegalTransition):
            cancel(world, world.execute("load"))

    def test_a_run_that_waits_for_its_retry_is_not_retried(self, world: World) -> None:
        world.deploy(deployment("load", retries=1, retry_delay_seconds=60))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        world.fail(job)
        assert cancel(world, job.run).state == RunState.CANCELLED
        world.clock.advance(minutes=2)
        assert world.claim() == []


class TestRetry:
    @pytest.mark.parametrize("from_failure", [True, False])
    def test_opens_an_attempt_that_says_whether_to_reuse_steps(self, world: World, from_failure: bool) -> None:
        world.deploy(deployment("load"))
        run = world.execute("load")
        again = retry(world, run, from_failure=from_failure)
        assert (again.state, again.attempt, again.due_at) == (RunState.SCHEDULED, 2, NOON)
        [job] = world.claim()
        assert job.resume is from_failure

    def test_a_released_claim_still_knows_how_its_attempt_was_opened(self, world: World) -> None:
        world.deploy(deployment("load"))
        retry(world, world.execute("load"))
        world.claim(key="lost")
        [job] = world.claim(key="lost")
        assert job.resume

    def test_a_live_run_cannot_be_retried(self, world: World) -> None:
        world.deploy(deployment("load"))
        run = world.trigger("load")
        with pytest.raises(IllegalTransition, match="cancel it first"):
            retry(world, run)

    def test_a_scripts_run_would_wait_for_ever(self, world: World) -> None:
        def register(tx: Tx) -> FlowRun:
            return register_script(tx, tx.new_id(), {"flow": "hello", "entrypoint": "hello.py:hello"}, tx.now)

        run = world.write(register)
        with pytest.raises(Conflict, match=r"python hello\.py"):
            retry(world, run)


def test_what_is_not_there_is_not_found(world: World) -> None:
    world.deploy(deployment("load"))
    run = world.trigger("load")
    missing = run.id[:-4] + "ffff"
    with pytest.raises(NotFound):
        world.write(lambda tx: runs.cancel(tx, missing, ANN))
    with pytest.raises(NotFound):
        world.write(lambda tx: runs.create(tx, FIELD, "nobody", trigger="manual", by=ANN))
