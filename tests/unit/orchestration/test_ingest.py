import json

import pytest

from tests.unit.orchestration.world import NOON, POOL, World, deployment, line
from turnout.core.errors import Conflict, Fenced, Forbidden, ParameterError
from turnout.core.jobs import Job
from turnout.core.journal import PROTOCOL
from turnout.core.records import Namespace, Page, Principal
from turnout.core.states import RunState
from turnout.orchestration import ingest

LOCAL = Principal(kind="local", name="test")


@pytest.fixture
def job(world: World) -> Job:
    world.deploy(deployment("load", on_crash="resume"))
    world.trigger("load")
    return world.claim_one()


class TestTheRootsOwnWords:
    def test_become_transitions(self, world: World, job: Job) -> None:
        world.say(job, ("s", 0, "running", world.seconds, None))
        assert world.run(job.run).state == RunState.RUNNING
        world.say(job, ("s", 0, "failed", world.seconds, {"reason": "ValueError: no", "name": "TimedOut"}))
        run = world.run(job.run)
        assert (run.state, run.state_name, run.reason) == (RunState.FAILED, "TimedOut", "ValueError: no")

    def test_may_come_all_at_once(self, world: World, job: Job) -> None:
        at = world.seconds
        world.say(
            job, ("s", 0, "running", at, None), ("l", 0, at, 20, "flow", "hello"), ("s", 0, "completed", at, None)
        )
        assert world.states(job.run)[-2:] == ["running", "completed"]

    def test_without_running_are_believed_too(self, world: World, job: Job) -> None:
        world.say(job, ("s", 0, "completed", world.seconds, {"name": "Cached"}))
        assert world.run(job.run).state_name == "Cached"

    def test_of_an_error_without_reason_name_the_error(self, world: World, job: Job) -> None:
        error = {"error": {"type": "KeyError", "message": "'x'", "traceback": "..."}}
        world.say(job, ("s", 0, "failed", world.seconds, error))
        assert world.run(job.run).reason == "KeyError: 'x'"

    def test_that_say_nothing_new_change_nothing(self, world: World, job: Job) -> None:
        running = ("s", 0, "running", world.seconds, None)
        world.say(job, running, running, ("s", 0, "scheduled", world.seconds, {"name": "AwaitingRetry"}), running)
        assert world.states(job.run) == ["scheduled", "pending", "running"]

    def test_count_on_the_flow_stream_only(self, world: World, job: Job) -> None:
        world.ship(job, [world.header(job), line("s", 0, "completed", world.seconds, None)], stream=2)
        assert world.run(job.run).state == RunState.PENDING


class TestDelivery:
    def test_again_is_acknowledged_and_ignored(self, world: World, job: Job) -> None:
        lines = [world.header(job), line("s", 0, "running", world.seconds, None)]
        assert world.ship(job, lines) == world.ship(job, lines) == 1
        assert world.ship(job, [*lines, line("l", 0, world.seconds, 20, "flow", "once")]) == 2
        logged = world.read(lambda tx: tx.journal.logs(job.run.id, None, None, 10))
        assert [entry.message for entry in logged] == ["once"]

    def test_with_a_gap_is_refused(self, world: World, job: Job) -> None:
        with pytest.raises(Conflict, match="missing"):
            world.ship(job, [line("s", 0, "running", world.seconds, None)], first=3)

    def test_malformed_stores_nothing_of_its_batch(self, world: World, job: Job) -> None:
        with pytest.raises(ParameterError, match="line 2"):
            world.ship(job, [world.header(job), line("s", 0, "running", world.seconds, None), b"["])
        assert world.run(job.run).state == RunState.PENDING
        assert world.read(lambda tx: tx.journal.acked(job.run.id, 1, 0)) == -1

    def test_wakes_those_who_follow_the_log(self, world: World, job: Job) -> None:
        world.hints.topics.clear()
        world.say(job, ("l", 0, world.seconds, 20, "flow", "hello"))
        assert world.hints.topics == [f"log:{job.run.id}"]


class TestAfterTheEnd:
    def test_late_lines_are_data_and_not_state(self, world: World, job: Job) -> None:
        world.start(job)
        world.complete(job)
        version = world.run(job.run).version
        world.ship(job, [world.header(job), line("l", 0, world.seconds, 20, "stderr", "bye")], stream=1)
        world.say(job, ("s", 0, "failed", world.seconds, {"reason": "too late"}))
        assert world.run(job.run).version == version
        assert len(world.read(lambda tx: tx.journal.logs(job.run.id, 1, None, 10))) == 1

    def test_late_lines_leave_no_task_open(self, world: World, job: Job) -> None:
        """The process was killed in the middle of a task, and the host came back after the run was given up."""
        world.start(job)
        world.say(job, ("c", 1, 0, "task", "a#0", "a", 1.0, "running", None))
        world.report(job, "lost")
        world.say(job, ("s", 1, "completed", 2.0, None), ("c", 2, 0, "task", "b#0", "b", 3.0, "running", None), by=POOL)
        tasks = world.read(lambda tx: tx.journal.tasks(job.run.id, 1, Page(limit=10)))
        assert [task.state for task in tasks] == [RunState.COMPLETED, RunState.CRASHED]

    def test_a_superseded_attempt_is_fenced(self, world: World, job: Job) -> None:
        world.start(job)
        world.report(job, "lost")
        with pytest.raises(Fenced):
            world.say(job, ("s", 0, "completed", world.seconds, None))

    def test_its_orphans_are_stored_by_the_pools_token_as_data(self, world: World, job: Job) -> None:
        world.start(job)
        world.report(job, "lost")
        [second] = world.claim()
        at = world.seconds
        world.say(job, ("l", 0, at, 20, "flow", "last words"), ("s", 0, "completed", at, None), by=POOL)
        run = world.run(job.run)
        assert (run.attempt, run.state) == (2, RunState.PENDING)
        world.start(second)
        [entry] = world.read(lambda tx: tx.journal.logs(job.run.id, 1, None, 10))
        assert entry.message == "last words"

    def test_the_pools_token_may_still_bring_the_end_of_the_attempt_that_holds_the_run(
        self, world: World, job: Job
    ) -> None:
        world.start(job)
        world.say(job, ("s", 0, "completed", world.seconds, None), by=POOL)
        assert world.run(job.run).state == RunState.COMPLETED

    def test_a_released_attempt_starts_nothing(self, world: World, job: Job) -> None:
        world.register()
        assert world.run(job.run).state == RunState.SCHEDULED
        world.start(job)
        assert world.run(job.run).state == RunState.SCHEDULED


def test_a_stranger_ships_nothing(world: World, job: Job) -> None:
    stranger = Principal(kind="worker", name="x", scope="other/default")
    with pytest.raises(Forbidden):
        world.say(job, ("s", 0, "running", world.seconds, None), by=stranger)


class TestScripts:
    RUN = "0190a0000000700080000000000000aa"

    def header(self, world: World, **fields: object) -> dict[str, object]:
        return {
            "protocol": PROTOCOL,
            "run": self.RUN,
            "attempt": 1,
            "stream": 0,
            "pid": 7,
            "flow": "hello",
            "run_name": "calm-fox",
            "at": world.seconds,
            "parameters": {"name": "x"},
            "tags": ["t"],
            "entrypoint": "hello.py:hello",
            "project": "field",
            "trigger": "script",
            **fields,
        }

    def ship(self, world: World, *entries: tuple[object, ...], first: int = 0, **fields: object) -> int:
        header = self.header(world, **fields)
        lines = ([] if first else [json.dumps(header).encode()]) + [line(*entry) for entry in entries]
        return world.write(lambda tx: ingest.ship_script(tx, LOCAL, self.RUN, 0, first, lines, header))

    def test_are_registered_by_their_header_and_recorded(self, world: World) -> None:
        started = world.seconds
        world.clock.advance(seconds=10)
        at = started + 1
        self.ship(world, ("s", 0, "running", at, None), ("s", 0, "completed", at + 2, None), ("e", at + 2), at=started)
        run = world.run(self.RUN)
        assert (run.flow_name, run.name, run.project, run.trigger) == ("hello", "calm-fox", "field", "script")
        assert (run.parameters, run.tags, run.spec.entrypoint) == ({"name": "x"}, ("t",), "hello.py:hello")
        assert world.states(run) == ["scheduled", "pending", "running", "completed"]
        assert run.created_at == NOON
        assert run.started_at is not None
        assert run.ended_at is not None
        assert (run.ended_at - run.started_at).total_seconds() == 2

    def test_without_a_project_have_one_all_the_same(self, world: World) -> None:
        self.ship(world, project=None)
        assert world.run(self.RUN).project == "local"
        assert world.read(lambda tx: tx.runs.live(Namespace(project="local"), "hello")) == []

    def test_come_in_portions_and_again(self, world: World) -> None:
        running = ("s", 0, "running", world.seconds, None)
        assert self.ship(world, running) == 1
        assert self.ship(world, running) == 1
        assert self.ship(world, ("s", 0, "completed", world.seconds, None), first=2) == 2
        assert world.states(world.run(self.RUN)) == ["scheduled", "pending", "running", "completed"]

    def test_that_end_without_a_word_have_crashed(self, world: World) -> None:
        task = ("c", 1, 0, "task", "a#0", "a", world.seconds, "running", None)
        self.ship(world, ("s", 0, "running", world.seconds, None), task)
        run = world.write(lambda tx: ingest.script_lost(tx, LOCAL, self.RUN))
        assert (run.state, run.reason) == (RunState.CRASHED, ingest.SCRIPT_LOST)
        [task_run] = world.read(lambda tx: tx.journal.tasks(self.RUN, None, Page()))
        assert task_run.state == RunState.CRASHED
        assert world.write(lambda tx: ingest.script_lost(tx, LOCAL, self.RUN)) == run

    def test_have_no_lease_that_could_lapse(self, world: World) -> None:
        self.ship(world, ("s", 0, "running", world.seconds, None))
        world.clock.advance(days=3)
        assert world.read(lambda tx: tx.runs.lapsed(10)) == []

    @pytest.mark.parametrize("at", [1e300, -1e300, float("nan")])
    def test_with_an_impossible_clock_are_recorded_as_of_now(self, world: World, at: float) -> None:
        self.ship(world, at=at)
        assert world.run(self.RUN).created_at == NOON
