"""Flows that wait for people: a real server and a real worker, on both databases."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.faults.cluster import wait_until
from tests.integration.pausing_project import FLOWS
from tests.integration.worker_project import NAMESPACE, Project, is_over
from turnout.client.running import HttpRunApi
from turnout.core import errors
from turnout.core.records import EmittedEvent, FlowRun, Page
from turnout.core.states import RunState

pytestmark = pytest.mark.slow
NAMES = ("pauses", "suspends", "awaits", "impatient", "forgotten", "listens", "remembers", "remembers_async")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    environ = {}
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgres")
        environ = {"TURNOUT_DATABASE": cluster.create()}
    made = Project(tmp_path_factory.mktemp("pausing") / "project", flows=FLOWS, deployments=deployments(), **environ)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def deployments() -> dict[str, str]:
    plain = {name.replace("_", "-"): f"flow: 'flows.py:{name}'" for name in NAMES}
    return {**plain, "crashes": "flow: 'flows.py:crashes', on_crash: resume"}


def paused(project: Project, run_id: str, key: str, name: str = "Paused") -> FlowRun:
    def waits() -> bool:
        question = project.ask(lambda api: api.question(run_id))
        return question is not None and question.key == key  # type: ignore[attr-defined]

    wait_until(waits, 30.0, f"the run to wait for {key}")
    run = project.run(run_id)
    assert (run.state, run.state_name) == (RunState.PAUSED, name)
    return run


def answer(project: Project, run_id: str, **value: object) -> FlowRun:
    with project.cluster.api() as api:
        return api.answer(run_id, value or None)


def completed(project: Project, run_id: str) -> list[str]:
    wait_until(lambda: is_over(project.run(run_id)), 30.0, "the run to end")
    run = project.run(run_id)
    assert run.state == RunState.COMPLETED, run.reason
    with project.cluster.api() as api:
        assert api.question(run_id) is None
        return [entry.name for entry in api.history(run_id)]


def test_a_pause_waits_in_its_process_for_what_its_form_asks(project: Project) -> None:
    run_id = project.trigger("pauses")
    run = paused(project, run_id, "pause#0")
    assert run.reason == "waits for input 'approval'"
    with project.cluster.api() as api:
        question = api.question(run_id)
        assert question is not None
        assert question.description == "Ready to send"
        assert question.form is not None
        assert question.form["properties"]["batch"]["default"] == 250
        for wrong in (
            {"send": "perhaps"},
            {"batch": 1},
            {"send": True, "more": 1},
            {"send": True, "batch": "many"},
            None,
        ):
            with pytest.raises(errors.ParameterError):
                api.answer(run_id, wrong)
        assert api.run(run_id).state == RunState.PAUSED
    assert answer(project, run_id, send=True, on="2026-11-03").state == RunState.RUNNING
    paused(project, run_id, "pause#1")
    answer(project, run_id, value=7)
    paused(project, run_id, "pause#2")
    with pytest.raises(errors.ParameterError):
        answer(project, run_id, value=7)
    answer(project, run_id)
    names = completed(project, run_id)
    assert names == ["Scheduled", "Pending", "Running", *["Paused", "Running"] * 3, "Completed"]
    assert project.messages(run_id) == ["step 1", "True 250 2026-11-03", "number 7", "step 2"]
    assert project.run(run_id).attempt == 1
    with pytest.raises(errors.Conflict):
        answer(project, run_id)


def test_a_suspended_run_has_no_process_and_goes_on_where_it_was(project: Project) -> None:
    run_id = project.trigger("suspends")
    run = paused(project, run_id, "suspend#0", "Suspended")
    assert (run.worker, run.lease_until, run.attempt) == (None, None, 1)
    wait_until(lambda: not list((project.data / "spool").glob(f"{run_id}*")), 10.0, "nothing of it on the worker")
    assert answer(project, run_id, send=False).state == RunState.SCHEDULED
    paused(project, run_id, "inner#0/suspend#0", "Suspended")
    answer(project, run_id, value="from inside")
    paused(project, run_id, "suspend#1", "Suspended")
    answer(project, run_id)
    completed(project, run_id)
    assert project.run(run_id).attempt == 4
    assert project.messages(run_id, 1) == ["step 1"]
    assert project.messages(run_id, 2) == ["False 500 1", "step 3"]
    assert project.messages(run_id, 3) == ["False 500 1", "from inside"]
    assert project.messages(run_id, 4) == ["False 500 1", "from inside", "step 2"]
    with project.cluster.api() as api:
        names = {task.name: task.state_name for task in api.tasks(run_id, Page(), 4)}
    assert names == {"step": "Completed", "inner": "Reused"} or names["inner"] == "Reused"


def test_async_flows_await_both(project: Project) -> None:
    run_id = project.trigger("awaits")
    paused(project, run_id, "suspend#0", "Suspended")
    answer(project, run_id, value=1)
    paused(project, run_id, "pause#0")
    answer(project, run_id, value=2)
    completed(project, run_id)
    assert project.messages(run_id, 2) == ["1", "2"]


def test_time_outs(project: Project) -> None:
    impatient, forgotten = project.trigger("impatient"), project.trigger("forgotten")
    for run_id in (impatient, forgotten):
        wait_until(lambda run_id=run_id: is_over(project.run(run_id)), 30.0, "the run to end")  # type: ignore[misc]
        assert project.run(run_id).state == RunState.FAILED
    assert project.run(impatient).reason == "PauseTimeout: nobody resumed the run within 0.3 s"
    late = project.run(forgotten)
    assert (late.state_name, late.reason) == ("TimedOut", "nobody answered within 500ms")


def test_a_paused_run_that_crashes_waits_again_and_knows_its_answer(project: Project) -> None:
    run_id = project.trigger("crashes")
    paused(project, run_id, "number")
    pid = next(int(line) for line in project.messages(run_id) if line.isdigit())
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: project.run(run_id).attempt == 2, 30.0, "the next attempt")
    paused(project, run_id, "number")
    answer(project, run_id, value=3)
    completed(project, run_id)
    assert project.messages(run_id, 2) == ["step 2"]


def test_pauses_survive_a_restart_of_the_server_and_can_be_cancelled(project: Project) -> None:
    waiting, suspended = project.trigger("crashes"), project.trigger("suspends")
    paused(project, waiting, "number")
    paused(project, suspended, "suspend#0", "Suspended")
    project.cluster.kill("server")
    project.cluster.start_server()
    project.cluster.wait_ready()
    answer(project, waiting, value=1)
    completed(project, waiting)
    assert project.run(waiting).attempt == 1
    answer(project, suspended, send=True)
    paused(project, suspended, "inner#0/suspend#0", "Suspended")
    with project.cluster.api() as api:
        assert api.cancel(suspended).state == RunState.CANCELLED
        assert api.question(suspended) is None
    again = project.trigger("crashes")
    paused(project, again, "number")
    with project.cluster.api() as api:
        api.cancel(again)
    wait_until(lambda: project.run(again).state == RunState.CANCELLED, 30.0, "the cancel")


def test_a_flow_receives_what_it_is_sent(project: Project) -> None:
    run_id = project.trigger("listens")
    wait_until(lambda: "ready" in project.messages(run_id), 30.0, "the flow to listen")
    with project.cluster.api() as admin:
        api = HttpRunApi(admin._base_url, (project.data / "admin.token").read_text().strip(), NAMESPACE)
    with api:
        api.send(run_id, "other", 1)
        for number in (5, 6):
            api.send(run_id, f"int-auto-{number}", {"value": number})
            api.send(run_id, f"int-auto-{number}", {"value": 0})
        api.send(run_id, "int-auto-7", {"value": 7})  # the last that it hears
        completed(project, run_id)
        with pytest.raises(errors.Conflict):
            api.send(run_id, "late", 1)
        with pytest.raises(errors.ParameterError):
            api.send(project.trigger("impatient"), "answer:pause#0", 1)
    assert project.messages(run_id)[-1] == "[5, 6, 7]"


def test_flows_set_variables_save_blocks_and_tell_events(project: Project) -> None:
    run_id = project.trigger("remembers")
    completed(project, run_id)
    assert [line for line in project.messages(run_id) if not line.startswith("*")] == [
        "12",
        "none",
        "{'states': ['TX']}",
        "the variable 'region' is set already",
        "the variable 'size' is turnout.yaml's",
        "{'states': ['TX']}",
        "warehouse/main",
        "db ********** {'port': 5} 14",
        "True",
    ]
    query = {"project": "bodies", "environment": "production"}
    with project.cluster.api() as admin:
        events = admin.get("/api/v1/events", list[EmittedEvent], query)
    assert [(event.event, event.run_id, dict(event.payload)) for event in events] == [
        ("turf.cut", run_id, {"doors": 12}),
        ("turf.walked", run_id, {}),
    ]
    assert events[1].follows == events[0].id
    database = b"".join(path.read_bytes() for path in project.data.glob("turnout.db*"))
    assert b"hunter2" not in database, "secrets are in their file alone, and masked in the log"


def test_async_flows_await_variables_and_blocks(project: Project) -> None:
    run_id = project.trigger("remembers-async")
    completed(project, run_id)
    assert project.messages(run_id) == ["good", "db"]
