"""A run's whole life over HTTP: apply, trigger, claim, heartbeat, journal, end; and what is read of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.serving import PROJECT, Served, apply, field_plan, register, served
from turnout.client import HttpAdminApi
from turnout.core import errors
from turnout.core.jobs import Job
from turnout.core.records import Page, RunFilter
from turnout.core.states import RunState

AT = 1_790_000_000.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def api(server: Served) -> Iterator[HttpAdminApi]:
    with server.admin() as admin:
        apply(admin, field_plan())
        yield admin


def lines(*entries: object) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def journal(job: Job, *entries: object) -> bytes:
    header = {"protocol": 1, "run": job.run.id, "attempt": job.run.attempt, "stream": 0, "pid": 1, "flow": "load",
              "run_name": job.run.name, "at": AT, "parameters": {}, "tags": [], "entrypoint": "f.py:f",
              "project": "field-plan", "trigger": "manual"}  # fmt: skip
    return lines(header, *entries)


def claimed(server: Served, api: HttpAdminApi, name: str = "load", pool: str = "default") -> Job:
    api.trigger(name, namespace=PROJECT)
    with server.worker(pool) as worker:
        register(worker, pool=pool)
        (job,) = worker.claim(worker_id="w1", key=f"key-{name}", slots=1, wait=5)
    return job


def test_a_run_from_trigger_to_its_end(server: Served, api: HttpAdminApi) -> None:
    made = api.trigger("load", namespace=PROJECT, parameters={"states": 3}, tags=["by-hand"])
    assert made.state == RunState.SCHEDULED
    assert made.created_by == "admin:admin"
    assert "no worker" in (made.wait_reason or "")
    with server.worker() as worker:
        register(worker)
        (job,) = worker.claim(worker_id="w1", key="k1", slots=2, wait=5)
    assert (job.run.id, job.run.state, job.parameters) == (made.id, RunState.PENDING, {"states": 3})
    with server.run(job.token) as mine:
        assert mine.heartbeat(made.id, 1, wait=0).command is None
        entries = journal(
            job, ["s", 0, "running", AT, None], ["c", 1, 0, "task", "read#0", "read", AT, "pending", None],
            ["l", 1, AT, 20, "turnout", "42 rows"], ["s", 1, "completed", AT + 1, {"result": {"inline": 42}}],
            ["a", 1, AT, "markdown", "note", {"markdown": "# done"}],
        )  # fmt: skip
        assert mine.ship(made.id, 1, 0, 0, entries) == 5
        assert mine.ship(made.id, 1, 0, 0, entries) == 5, "shipping again is acknowledged again"
        assert api.run(made.id).state == RunState.RUNNING
        assert mine.ship(made.id, 1, 0, 6, lines(["s", 0, "completed", AT + 2, None], ["e", AT + 2])) == 7
    done = api.run(made.id)
    assert (done.state, done.parameters, done.tags) == (RunState.COMPLETED, {"states": 3}, ("nightly", "by-hand"))
    assert [step.state for step in api.history(made.id)] == ["scheduled", "pending", "running", "completed"]
    (task,) = api.tasks(made.id, Page(limit=10))
    assert (task.name, task.state, task.result) == ("read", RunState.COMPLETED, {"inline": 42})
    found, cursor = api.logs(made.id)
    assert [line.message for line in found] == ["42 rows"]
    assert api.logs(job.run.id, cursor=cursor, wait=10) == ([], None)
    assert [item.key for item in api.artifacts(made.id)] == ["note"]


def test_a_waiting_claim_is_answered_when_a_run_is_made(server: Served, api: HttpAdminApi) -> None:
    got: list[Job] = []
    with server.worker() as worker:
        register(worker)
        waiter = threading.Thread(target=lambda: got.extend(worker.claim(worker_id="w1", key="k", slots=1, wait=20)))
        waiter.start()
        made = api.trigger("load", namespace=PROJECT)
        waiter.join(15)
    assert [job.run.id for job in got] == [made.id]


def test_a_claim_with_nothing_to_do_is_answered_empty_when_its_time_is_up(server: Served, api: HttpAdminApi) -> None:
    with server.worker() as worker:
        register(worker)
        assert worker.claim(worker_id="w1", key="k", slots=1, wait=0.05) == []


def test_a_repeated_claim_repeats_the_answer(server: Served, api: HttpAdminApi) -> None:
    first = claimed(server, api)
    with server.worker() as worker:
        (again,) = worker.claim(worker_id="w1", key="key-load", slots=1, wait=0)
    assert (again.run.id, again.run.attempt) == (first.run.id, first.run.attempt)
    assert again.token == first.token, "whoever got the first answer goes on with its token"
    with server.run(again.token) as mine:
        assert mine.heartbeat(first.run.id, 1, wait=0).command is None


def test_a_run_that_becomes_due_while_a_claim_waits_is_claimed(server: Served, api: HttpAdminApi) -> None:
    due = datetime.now(UTC) + timedelta(seconds=0.3)
    made = api.trigger("load", namespace=PROJECT, due_at=due)
    with server.worker() as worker:
        register(worker)
        (job,) = worker.claim(worker_id="w1", key="k", slots=1, wait=10)
    assert job.run.id == made.id


def test_cancel_reaches_a_waiting_heartbeat(server: Served, api: HttpAdminApi) -> None:
    job = claimed(server, api)
    commands: list[str | None] = []
    with server.run(job.token) as mine:
        waiter = threading.Thread(
            target=lambda: commands.append(mine.heartbeat(job.run.id, 1, wait=14).command), name="heartbeat"
        )
        waiter.start()
        stopping = api.cancel(job.run.id, "not today")
        waiter.join(10)
        assert commands == ["cancel"]
        mine.report(job.run.id, 1, "cancelled", "stopped")
    assert stopping.state == RunState.CANCELLING
    ended = api.run(job.run.id)
    assert (ended.state, ended.reason) == (RunState.CANCELLED, "not today")


def test_following_a_log_waits_for_lines_and_ends_with_the_run(server: Served, api: HttpAdminApi) -> None:
    job = claimed(server, api)
    seen: list[str] = []

    def follow() -> None:
        cursor: str | None = None
        while True:
            found, cursor = api.logs(job.run.id, cursor=cursor, wait=20)
            seen.extend(line.message for line in found)
            if cursor is None:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    with server.run(job.token) as mine:
        mine.ship(job.run.id, 1, 0, 0, journal(job, ["s", 0, "running", AT, None], ["l", 0, AT, 20, "x", "one"]))
        mine.ship(job.run.id, 1, 0, 3, lines(["l", 0, AT, 20, "x", "two"]))
        mine.ship(job.run.id, 1, 0, 4, lines(["l", 0, AT, 20, "x", "three"], ["s", 0, "completed", AT, None]))
    reader.join(20)
    assert seen == ["one", "two", "three"]


def test_a_lost_run_is_retried_and_its_old_token_is_fenced(server: Served, api: HttpAdminApi) -> None:
    job = claimed(server, api)
    with server.run(job.token) as mine:
        mine.report(job.run.id, 1, "lost", "killed by signal 9 (SIGKILL)")
        crashed = api.run(job.run.id)
        assert (crashed.state, crashed.reason) == (RunState.CRASHED, "killed by signal 9 (SIGKILL)")
        again = api.retry(job.run.id, from_failure=False)
        assert (again.attempt, again.state) == (2, RunState.SCHEDULED)
        for call in (
            lambda: mine.heartbeat(job.run.id, 1, wait=0),
            lambda: mine.ship(job.run.id, 1, 0, 0, journal(job)),
            lambda: mine.report(job.run.id, 1, "lost", "again"),
        ):
            with pytest.raises(errors.Fenced):
                call()
    with server.worker() as orphan:
        late = journal(job, ["l", 0, AT, 20, "x", "last words"], ["s", 0, "completed", AT, None])
        orphan.ship(job.run.id, 1, 0, 0, late)
    assert api.run(job.run.id).state == RunState.SCHEDULED
    assert [line.message for line in api.logs(job.run.id, attempt=1)[0]] == ["last words"]


def test_checkpoints_of_earlier_attempts(server: Served, api: HttpAdminApi) -> None:
    job = claimed(server, api)
    with server.run(job.token) as mine:
        done = {"result": {"inline": 7}, "inputs": "abc"}
        entries = journal(
            job, ["s", 0, "running", AT, None], ["c", 1, 0, "task", "read#0", "read", AT, "running", None],
            ["s", 1, "completed", AT, done], ["s", 0, "failed", AT, {"reason": "boom"}],
        )  # fmt: skip
        mine.ship(job.run.id, 1, 0, 0, entries)
    api.retry(job.run.id)
    with server.worker() as worker:
        (again,) = worker.claim(worker_id="w1", key="k2", slots=1, wait=5)
    assert again.resume
    with server.run(again.token) as mine:
        (step,) = [json.loads(line) for line in mine.checkpoints(job.run.id, 2).splitlines()]
    assert (step["key"], step["inputs"], step["result"]) == ("read#0", "abc", {"inline": 7})


def test_an_idempotency_key_makes_one_run(api: HttpAdminApi) -> None:
    first = api.trigger("load", namespace=PROJECT, idempotency_key="k")
    assert api.trigger("load", namespace=PROJECT, idempotency_key="k").id == first.id
    assert api.trigger("load", namespace=PROJECT, idempotency_key="other").id != first.id


def test_a_parameter_that_does_not_fit_makes_no_run(api: HttpAdminApi) -> None:
    with pytest.raises(errors.ParameterError):
        api.trigger("load", namespace=PROJECT, parameters={"states": "three"})
    assert api.runs(RunFilter(), Page()) == []


def test_runs_are_found_by_every_condition_and_paged(api: HttpAdminApi) -> None:
    made = [api.trigger("load", namespace=PROJECT) for _ in range(5)]
    api.trigger("export", namespace=PROJECT)
    ids = [run.id for run in reversed(made)]
    assert [run.id for run in api.runs(RunFilter(deployment="load"), Page(limit=3))] == ids[:3]
    assert [run.id for run in api.runs(RunFilter(deployment="load"), Page(limit=3, after=ids[2]))] == ids[3:]
    assert len(api.runs(RunFilter(tags=("nightly",), states=(RunState.SCHEDULED,)), Page())) == 5
    assert len(api.runs(RunFilter(text="expor"), Page())) == 1
    assert api.runs(RunFilter(until=made[0].created_at - timedelta(days=1)), Page()) == []
    assert len(api.runs(RunFilter(project="field-plan", flow_name="load"), Page(limit=1000))) == 5


def test_what_does_not_exist_is_named(api: HttpAdminApi) -> None:
    with pytest.raises(errors.NotFound, match="ffff"):
        api.run("f" * 32)
    with pytest.raises(errors.NotFound, match="one of: export"):
        api.trigger("lode", namespace=PROJECT)
    with pytest.raises(errors.IllegalTransition):
        api.retry(api.trigger("load", namespace=PROJECT).id)


def test_stopping_answers_whoever_waits(tmp_path: Path) -> None:
    got: list[object] = []
    with served(tmp_path) as server, server.worker() as worker, server.admin() as admin:
        apply(admin, field_plan())
        register(worker)

        def ask() -> None:
            with suppress(errors.ServerUnreachable):
                got.append(worker.claim(worker_id="w1", key="k", slots=1, wait=24))

        waiter = threading.Thread(target=ask)
        waiter.start()
        server.ready.stop()
        waiter.join(10)
    assert got in ([[]], []), "answered empty, or refused because the server had stopped listening already"


@pytest.mark.parametrize(
    ("protocol", "fix"), [(99, "upgrade Turnout on the server"), (-1, "upgrade Turnout on the worker")]
)
def test_a_worker_of_another_protocol_is_told_what_to_upgrade(server: Served, protocol: int, fix: str) -> None:
    body = {"worker_id": "0" * 32, "name": "w", "project": "field-plan", "pool": "default", "capacity": 1}
    with server.http(server.token("pool.default")) as client:
        answer = client.post("/api/v1/work/register", json={**body, "protocol": protocol})
    assert answer.status_code == 422
    assert answer.json()["fix"].startswith(fix)
