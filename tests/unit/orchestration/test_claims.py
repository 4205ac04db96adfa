from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.orchestration.world import ANN, LEASE, NOON, POOL, World, deployment, project, token_of
from turnout.core.errors import Conflict, Fenced, Forbidden, NotFound
from turnout.core.records import Namespace, Principal
from turnout.core.snapshot import Concurrency, ConnectionSpec, LimitSpec, LimitUse, PoolSpec, SecretSpec
from turnout.core.states import RunState
from turnout.core.tokens import run_token_hash
from turnout.orchestration import claims, runs

ELSEWHERE = Principal(kind="worker", name="other", scope="field/other")


class TestClaim:
    def test_gives_a_lease_a_token_and_all_that_the_run_needs(self, world: World) -> None:
        world.deploy(
            deployment("load", parameters={"size": "${var:turf}"}, secrets=("van",), connection="warehouse"),
            variables={"turf": 12},
            secrets={"van": SecretSpec(fields=("api_key",))},
            connections={"warehouse": ConnectionSpec(type="duckdb", options={"database": "w.duckdb"})},
        )
        world.trigger("load")
        job = world.claim_one()
        assert job.parameters == {"size": 12}
        assert job.variables == {"turf": 12}
        assert job.secrets == {"van": ("api_key",)}
        assert job.connections == {"warehouse": {"type": "duckdb", "database": "w.duckdb"}}
        assert (job.run.state, job.run.lease_until) == (RunState.PENDING, NOON + timedelta(seconds=LEASE))
        assert (job.resume, job.lease_seconds) == (False, LEASE)
        holder = world.read(lambda tx: tx.runs.token_holder(run_token_hash(job.token)))
        assert holder is not None
        assert (holder[0].id, holder[1]) == (job.run.id, 1)

    def test_takes_no_more_than_asked_for_and_nothing_before_it_is_due(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load", due_at=NOON + timedelta(hours=1))
        first, second = world.trigger("load"), world.trigger("load")
        world.register()
        assert [job.run.id for job in world.claim(1)] == [first.id]
        assert [job.run.id for job in world.claim(5)] == [second.id]
        assert world.claim(5) == []

    def test_repeating_the_key_repeats_the_answer(self, world: World) -> None:
        world.deploy(deployment("load"))
        run = world.trigger("load")
        world.register()
        [lost] = world.claim(key="k")
        [job] = world.claim(key="k")
        assert job.run.id == lost.run.id == run.id
        assert job.run.attempt == 1
        assert world.claim(key="other") == []
        world.start(job)
        assert world.states(run) == ["scheduled", "pending", "running"]

    def test_a_repeated_claim_takes_nothing_besides_and_from_nobody(self, world: World) -> None:
        """It may be a copy that comes late: whoever got the first answer goes on with its token."""
        world.deploy(deployment("load"))
        world.trigger("load")
        world.register()
        [job] = world.claim(key="k")
        other = world.trigger("load")
        assert world.claim(key="k") == [job]
        assert world.states(other) == ["scheduled"]
        world.start(job)

    def test_a_token_that_cannot_be_made_again_is_fenced(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The worker proves itself by another token since."""
        world.deploy(deployment("load"))
        world.trigger("load")
        world.register()
        [lost] = world.claim(key="k")
        monkeypatch.setattr(world, "_mint", lambda text: f"tn_run_other_{text}")
        [job] = world.claim(key="k")
        old, new = (
            world.read(lambda tx, t=each.token: tx.runs.token_holder(run_token_hash(t))) for each in (lost, job)
        )
        assert old is not None
        assert new is not None
        assert (old[0].id, old[1]) == (job.run.id, 0)
        assert new[1] == job.run.attempt == lost.run.attempt == 1
        stale = replace(token_of(lost), attempt=old[1])
        with pytest.raises(Fenced):
            world.say(job, ("s", 0, "running", world.seconds, None), by=stale)
        world.start(job)

    def test_a_run_that_started_is_not_claimed_again_by_an_old_key(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        world.register()
        [job] = world.claim(key="k")
        world.start(job)
        assert world.claim(key="k") == []

    @pytest.mark.parametrize("what", ["variable", "secret", "connection"])
    def test_a_run_whose_needs_are_gone_fails_with_that_reason(self, world: World, what: str) -> None:
        needs = {
            "variable": {"parameters": {"size": "${var:gone}"}},
            "secret": {"secrets": ("gone",)},
            "connection": {"connection": "gone"},
        }
        declared = {
            "variable": {"variables": {"gone": 1}},
            "secret": {"secrets": {"gone": SecretSpec(fields=("key",))}},
            "connection": {"connections": {"gone": ConnectionSpec(type="duckdb")}},
        }
        world.deploy(deployment("load", **needs[what]), **declared[what])
        run = world.trigger("load")
        world.deploy(deployment("load"))
        world.register()
        assert world.claim() == []
        assert world.run(run).state == RunState.FAILED
        assert f"{what} 'gone'" in (world.run(run).reason or "")

    def test_a_worker_takes_no_more_than_its_capacity(self, world: World) -> None:
        world.deploy(deployment("load"))
        for _ in range(3):
            world.trigger("load")
        world.register(capacity=2)
        assert len(world.claim(10)) == 2
        assert world.claim(10) == []

    def test_a_pools_concurrency_holds_for_all_its_workers(self, world: World) -> None:
        world.deploy(deployment("load"), pools={"default": PoolSpec(concurrency=3)})
        for _ in range(5):
            world.trigger("load")
        world.register("w1")
        world.register("w2")
        assert len(world.claim(2, worker="w1")) == 2
        assert len(world.claim(2, worker="w2")) == 1
        assert world.claim(2, worker="w1") == []

    def test_a_pools_concurrency_is_of_the_environment_that_declares_it(self, world: World) -> None:
        staging = Namespace(project="field", environment="staging")
        spec = deployment("load")
        world.deploy(spec)
        world.apply(replace(project(spec, pools={"default": PoolSpec(concurrency=1)}), environment=staging.environment))
        made = [
            world.write(lambda tx: runs.create(tx, staging, "load", trigger="manual", by=ANN)) for _ in range(2)
        ] + [world.trigger("load") for _ in range(2)]
        world.register("w1")
        world.register("w2")
        claimed = [job.run.id for worker in ("w1", "w2") for job in world.claim(2, worker=worker)]
        assert sorted(claimed) == sorted(run.id for run in (made[0], *made[2:]))

    def test_what_runs_already_counts_in_a_limit_that_comes_later(self, world: World) -> None:
        world.deploy(deployment("load"), deployment("send"))
        for name in ("load", "load", "send"):
            world.trigger(name)
        world.register()
        jobs = world.claim(3)
        limited = tuple(deployment(name, limits=(LimitUse(name="api"),)) for name in ("load", "send"))
        world.deploy(*limited, limits={"api": LimitSpec(concurrency=2)})
        world.trigger("send")
        assert world.claim() == []
        for job in jobs[:2]:
            world.start(job)
            world.complete(job)
        assert len(world.claim()) == 1

    def test_waiting_runs_obey_a_limit_that_comes_later(self, world: World) -> None:
        world.deploy(deployment("load", tags=("van",)))
        made = [world.trigger("load", tags=("x",)) for _ in range(3)]
        world.deploy(deployment("load", tags=("van",)), limits={"api": LimitSpec(concurrency=1, tags=("van",))})
        world.register()
        assert [job.run.id for job in world.claim()] == [made[0].id]
        world.deploy(deployment("load", tags=("van",)))
        assert [job.run.id for job in world.claim()] == [run.id for run in made[1:]]

    def test_a_retry_needs_its_limits_anew(self, world: World) -> None:
        world.deploy(
            deployment("load", retries=1, limits=(LimitUse(name="api"),)),
            deployment("send", limits=(LimitUse(name="api"),)),
            limits={"api": LimitSpec(concurrency=1)},
        )
        first, other = world.trigger("load"), world.trigger("send")
        world.register()
        [job] = world.claim()
        world.start(job)
        world.fail(job)
        assert world.run(first).state == RunState.SCHEDULED
        [again] = world.claim()
        assert (again.run.id, again.run.attempt) == (first.id, 2)
        assert world.claim() == []
        world.start(again)
        world.complete(again)
        assert [job.run.id for job in world.claim()] == [other.id]

    def test_the_deployments_priority_or_the_triggers(self, world: World) -> None:
        world.deploy(deployment("load"), deployment("send", priority=5))
        plain, high, highest = world.trigger("load"), world.trigger("send"), world.trigger("load", priority=9)
        world.register()
        assert [job.run.id for job in world.claim()] == [highest.id, high.id, plain.id]

    def test_never_more_of_a_deployment_than_its_limit(self, world: World) -> None:
        world.deploy(deployment("load", concurrency=Concurrency(limit=2)))
        for _ in range(4):
            world.trigger("load")
        world.register()
        assert len(world.claim()) == 2
        assert world.claim() == []

    def test_another_workers_key_gives_nothing_of_its_runs(self, world: World) -> None:
        world.deploy(deployment("load"))
        run = world.trigger("load")
        for worker in ("w1", "w2"):
            world.register(worker)
        [job] = world.claim(key="k")
        assert world.claim(key="k", worker="w2") == []
        assert world.states(run) == ["scheduled", "pending"]
        world.start(job)

    def test_an_unknown_worker_registers_first(self, world: World) -> None:
        with pytest.raises(Conflict, match="register"):
            world.claim(worker="nobody")


class TestRegister:
    def test_releases_what_was_never_started(self, world: World) -> None:
        world.deploy(deployment("load"))
        never, pending, running = (world.trigger("load") for _ in range(3))
        world.register()
        jobs = {job.run.id: job for job in world.claim()}
        world.start(jobs[running.id])
        [released] = world.register(holding=[(pending.id, 1)])
        assert released.id == never.id
        assert world.run(never).state == RunState.SCHEDULED
        assert world.run(pending).state == RunState.PENDING
        assert world.run(running).state == RunState.RUNNING

    def test_a_spool_of_an_earlier_attempt_is_no_proof_of_this_one(self, world: World) -> None:
        world.deploy(deployment("load", retries=1))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        world.fail(job)
        [again] = world.claim()
        assert [run.id for run in world.register(holding=[(again.run.id, 1)])] == [again.run.id]

    def test_notes_the_worker_and_when_it_first_came(self, world: World) -> None:
        world.register()
        world.clock.advance(hours=1)
        world.register(capacity=3)
        worker = world.read(lambda tx: tx.workers.get("w1"))
        assert worker is not None
        assert (worker.started_at, worker.capacity) == (NOON, 3)
        assert worker.seen_at == NOON + timedelta(hours=1)


class TestLateCopies:
    """Of requests that a network delivers after newer ones were answered."""

    def test_a_late_claim_takes_nothing_for_nobody(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.register(session="a")
        assert world.claim(key="first", session="a", number=1) == []
        assert world.claim(key="second", session="a", number=2) == []
        run = world.trigger("load")
        assert world.claim(key="first", session="a", number=1) == []
        assert world.run(run).state == RunState.SCHEDULED
        assert [job.run.id for job in world.claim(key="second", session="a", number=2)] == [run.id]

    def test_a_claim_that_was_answered_with_nothing_stays_so(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.register(session="a")
        assert world.claim(key="first", session="a", number=1) == []
        world.write(lambda tx: claims.answered_with_nothing(tx, "w1", "a", 1))
        run = world.trigger("load")
        assert world.claim(key="first", session="a", number=1) == []
        assert [job.run.id for job in world.claim(key="second", session="a", number=2)] == [run.id]

    def test_the_answer_of_the_newest_claim_is_repeated(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        world.register(session="a")
        [job] = world.claim(key="k", session="a", number=1)
        assert [again.token for again in world.claim(key="k", session="a", number=1)] == [job.token]

    def test_a_late_registration_releases_nothing(self, world: World) -> None:
        world.deploy(deployment("load"))
        run = world.trigger("load")
        world.register(session="a")
        world.register(session="a")  # repeated at once: its answer was lost
        world.claim(session="a", number=1)
        with pytest.raises(Conflict, match="older"):
            world.register(session="a")
        assert world.run(run).state == RunState.PENDING

    def test_a_registration_from_before_the_worker_started_anew_is_refused(self, world: World) -> None:
        for session in ("a", "b"):
            world.register(session=session)
        with pytest.raises(Conflict, match="older"):
            world.register(session="a")
        with pytest.raises(Conflict, match="registered anew"):
            world.claim(session="a", number=7)
        assert world.claim(session="b", number=1) == []

    def test_a_worker_of_an_older_turnout_numbers_nothing(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.register(session="a")
        world.register()
        world.trigger("load")
        assert len(world.claim()) == 1


class TestHeartbeat:
    def test_renews_the_lease(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.clock.advance(seconds=20)
        assert world.heartbeat(job).command is None
        assert world.run(job.run).lease_until == NOON + timedelta(seconds=20 + LEASE)

    def test_says_nothing_of_the_worker(self, world: World) -> None:
        """A run's supervisor outlives its worker."""
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.clock.advance(seconds=20)
        world.heartbeat(job)
        assert world.read(lambda tx: tx.workers.last_seen("field", "default")) == NOON

    def test_claim_of_nothing_counts_as_being_heard_of(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        world.claim_one()
        world.trigger("load")
        world.clock.advance(seconds=20)
        assert world.claim(slots=0) == []
        assert world.read(lambda tx: tx.workers.last_seen("field", "default")) == NOON + timedelta(seconds=20)

    def test_is_fenced_once_the_attempt_is_over(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.report(job, "lost")
        with pytest.raises(Fenced, match="stop"):
            world.heartbeat(job)

    def test_is_fenced_once_another_attempt_holds_the_run(self, world: World) -> None:
        world.deploy(deployment("load", on_crash="resume"))
        world.trigger("load")
        job = world.claim_one()
        world.report(job, "lost")
        [second] = world.claim()
        assert second.run.attempt == 2
        with pytest.raises(Fenced):
            world.heartbeat(job)
        with pytest.raises(Fenced):
            world.write(lambda tx: claims.heartbeat(tx, token_of(job), job.run.id, 2, LEASE))
        assert world.heartbeat(second).command is None

    def test_is_for_the_runs_own_token_or_its_pools(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        other = world.trigger("load")
        job = world.claim_one()
        world.write(lambda tx: claims.heartbeat(tx, POOL, job.run.id, 1, LEASE))
        for stranger in (ELSEWHERE, Principal(kind="run", name="x", scope=other.id, attempt=1)):
            with pytest.raises(Forbidden):
                world.write(lambda tx, who=stranger: claims.heartbeat(tx, who, job.run.id, 1, LEASE))  # type: ignore[misc]
        with pytest.raises(NotFound):
            world.write(lambda tx: claims.heartbeat(tx, POOL, "f" * 32, 1, LEASE))


class TestReport:
    @pytest.mark.parametrize(
        ("event", "state", "name"),
        [
            ("lost", RunState.CRASHED, "Crashed"),
            ("cancelled", RunState.CANCELLED, "Cancelled"),
            ("failed", RunState.FAILED, "TimedOut"),
        ],
    )
    def test_ends_the_attempt(self, world: World, event: str, state: RunState, name: str) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        run = world.report(job, event, "why")  # type: ignore[arg-type]
        assert (run.state, run.state_name, run.reason) == (state, name, "why")

    def test_is_heard_once(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.report(job, "lost", "first")
        again = world.report(job, "failed", "second")
        assert (again.state, again.reason) == (RunState.CRASHED, "first")

    def test_says_nothing_against_the_engines_word(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.start(job)
        world.complete(job)
        assert world.report(job, "lost").state == RunState.COMPLETED

    def test_of_a_superseded_attempt_is_fenced_for_its_token_and_ignored_for_the_pools(self, world: World) -> None:
        world.deploy(deployment("load", on_crash="resume"))
        world.trigger("load")
        job = world.claim_one()
        world.report(job, "lost")
        with pytest.raises(Fenced):
            world.report(job, "lost")
        run = world.write(lambda tx: claims.report(tx, POOL, job.run.id, 1, "lost", "again"))
        assert (run.attempt, run.state) == (2, RunState.SCHEDULED)

    def test_of_a_run_that_is_being_cancelled_keeps_the_persons_reason(self, world: World) -> None:
        world.deploy(deployment("load"))
        world.trigger("load")
        job = world.claim_one()
        world.write(lambda tx: runs.cancel(tx, job.run.id, "ann", "enough"))
        assert world.report(job, "cancelled", "SIGTERM").reason == "enough"


def test_checkpoints_are_those_of_earlier_attempts(world: World) -> None:
    world.deploy(deployment("load", on_crash="resume"))
    world.trigger("load")
    job = world.claim_one()
    world.start(job)
    done = {"result": {"inline": 42}, "inputs": "d"}
    world.say(
        job,
        ("c", 1, 0, "task", "step#0", "step", world.seconds, "running", None),
        ("s", 1, "completed", world.seconds, done),
    )
    world.report(job, "lost")
    [second] = world.claim()
    assert second.resume
    [step] = world.read(lambda tx: claims.checkpoints(tx, token_of(second), second.run.id, 2))
    assert (step.key, step.attempt, step.inputs, step.result) == ("step#0", 1, "d", {"inline": 42})
    assert world.read(lambda tx: claims.checkpoints(tx, POOL, second.run.id, 1)) == []
    with pytest.raises(Fenced):
        world.read(lambda tx: claims.checkpoints(tx, token_of(job), job.run.id, 1))
