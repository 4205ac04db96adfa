"""Runs under a real worker and a real server: how they end, whatever they do."""

import re
from collections.abc import Iterator

import pytest

from tests.faults.cluster import wait_until
from tests.integration.worker_project import Project, is_over, processes_with
from turnout.core.records import Page
from turnout.core.states import RunState
from turnout.worker.process_tree import descendants

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("worker") / "project")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def ended(project: Project, run_id: str, seconds: float = 30.0) -> None:
    wait_until(lambda: is_over(project.run(run_id)), seconds, "the run to end")


def ready(project: Project, run_id: str) -> None:
    wait_until(lambda: "ready" in project.messages(run_id), 20.0, "the flow to be ready")


def nothing_left(project: Project, run_id: str) -> bool:
    """No process of the run, and a zygote without anything below it."""
    assert project.cluster.worker is not None
    [_zygote, *rest] = [process.pid for process in descendants(project.cluster.worker.pid)]
    return not rest and not processes_with(project.data, run_id) and not list((project.data / "spool").glob("*"))


def test_completed_with_everything_it_said(project: Project) -> None:
    run_id = project.trigger("hello")
    ended(project, run_id)
    assert project.run(run_id).state == RunState.COMPLETED
    wait_until(lambda: len(project.messages(run_id)) == 3, 10.0, "all lines")
    assert sorted(project.messages(run_id)) == ["hello world", "no newline at the end", "printed"]
    assert [entry.state for entry in project.history(run_id)] == ["scheduled", "pending", "running", "completed"]


def test_a_flow_asks_the_server_with_a_token_that_no_log_shows(project: Project) -> None:
    run_id = project.trigger("ask")
    ended(project, run_id)
    assert project.run(run_id).state == RunState.COMPLETED
    wait_until(lambda: len(project.messages(run_id)) == 2, 10.0, "both lines")
    (answer,) = [line for line in project.messages(run_id) if not line.startswith("key")]
    child, state = answer.split()
    assert (state, project.run(child).created_by) == ("completed", f"flow:{run_id}")
    assert "key ********" in project.messages(run_id)


def test_what_a_run_writes_beside_its_code_is_its_own(project: Project) -> None:
    for text in ("first", "second"):
        run_id = project.trigger("files", text=text)
        ended(project, run_id)
        assert (project.run(run_id).state, project.messages(run_id)) == (RunState.COMPLETED, [f"{text} True"])
        wait_until(
            lambda run_id=run_id: not list((project.data / "attempts").glob(f"{run_id}*")), 10.0, "its folder to go"
        )
    [code] = (project.data / "bundles").glob("*/flows.py")
    assert code.read_text().count("# changed by a run") == 1  # where the flow says it
    assert not code.stat().st_mode & 0o222


def test_a_run_that_resumes_finds_what_it_has_written(project: Project) -> None:
    run_id = project.trigger("files", text="once", crash=True)
    ended(project, run_id)
    assert (project.run(run_id).state, project.run(run_id).attempt) == (RunState.COMPLETED, 2)
    assert project.messages(run_id, 2) == ["once True"]


def test_a_task_that_has_to_be_killed_fails_its_attempt_whatever_its_own_retries(project: Project) -> None:
    """Only the process could try again, and it is gone. It is no crash, either: code that hangs would be resumed again
    and again."""
    run_id = project.trigger("stuck-in-c")
    ended(project, run_id)
    run = project.run(run_id)
    assert (run.state, run.state_name, run.attempt) == (RunState.FAILED, "TimedOut", 1)
    assert re.fullmatch(r"timed out after (1|0\.9\d+) s in hangs at flows.py:\d+", run.reason or "")
    tasks = project.ask(lambda api: [(task.name, task.state, task.tries) for task in api.tasks(run_id, Page())])
    assert tasks == [("write", "completed", 1), ("hangs", "crashed", 1)]


def test_the_manifests_retries_and_a_persons_are_for_such_a_task_too(project: Project) -> None:
    run_id = project.trigger("stuck-in-c-retried")
    ended(project, run_id)
    assert (project.run(run_id).state, project.run(run_id).attempt) == (RunState.FAILED, 2)
    project.ask(lambda api: api.retry(run_id))
    ended(project, run_id)
    tasks = project.ask(lambda api: [(task.name, task.state_name) for task in api.tasks(run_id, Page(), 3)])
    assert tasks == [("write", "Reused"), ("hangs", "Crashed")]


def test_killed_flow_stays_crashed_under_stop(project: Project) -> None:
    run_id = project.trigger("crash-stop")
    ended(project, run_id)
    run = project.run(run_id)
    assert (run.state, run.attempt) == (RunState.CRASHED, 1)
    assert run.reason is not None
    assert run.reason.startswith("killed by signal 9 (SIGKILL)")


def test_killed_flow_completes_under_resume_without_repeating_steps(project: Project) -> None:
    run_id = project.trigger("crash-resume")
    wait_until(lambda: project.run(run_id).state == RunState.COMPLETED, 30.0, "the second attempt")
    assert project.run(run_id).attempt == 2
    assert [message for message in project.messages(run_id, 1) if message.startswith("step")] == [
        "step 0",
        "step 1",
        "step 2",
    ]
    assert [message for message in project.messages(run_id, 2) if message.startswith("step")] == []


def test_secret_reaches_the_flow_and_is_masked(project: Project) -> None:
    run_id = project.trigger("secret")
    ended(project, run_id)
    assert project.run(run_id).state == RunState.COMPLETED
    assert not any("k-0123456789" in message for message in project.messages(run_id))


BODIES = ["sleep", "ignore-term", "native", "native-thread", "daemon", "tree"]


@pytest.mark.parametrize("body", BODIES)
def test_cancelled_and_gone(project: Project, body: str) -> None:
    run_id = project.trigger(body)
    ready(project, run_id)
    project.ask(lambda api: api.cancel(run_id, "enough"))
    ended(project, run_id, 15.0)
    assert project.run(run_id).state == RunState.CANCELLED
    assert [entry.state for entry in project.history(run_id)][-2:] == ["cancelling", "cancelled"]
    wait_until(lambda: nothing_left(project, run_id), 10.0, "every process to be gone")


@pytest.mark.parametrize("body", BODIES)
def test_timed_out_and_gone(project: Project, body: str) -> None:
    run_id = project.trigger(f"{body}-timed")
    ended(project, run_id, 15.0)
    run = project.run(run_id)
    assert (run.state, run.state_name) == (RunState.FAILED, "TimedOut")
    assert run.reason is not None
    assert run.reason.startswith("timed out after 1 s in ")
    assert " at flows.py:" in run.reason
    wait_until(lambda: nothing_left(project, run_id), 10.0, "every process to be gone")


def test_task_that_holds_the_gil_beyond_its_timeout(project: Project) -> None:
    run_id = project.trigger("stuck-task")
    ended(project, run_id, 15.0)
    run = project.run(run_id)
    assert (run.state, run.state_name) == (RunState.FAILED, "TimedOut")
    assert run.reason is not None
    assert "in stuck at flows.py:" in run.reason
    wait_until(lambda: nothing_left(project, run_id), 10.0, "every process to be gone")
