"""Server, worker and supervisor are killed while runs go on; the runs do not notice, or their end is accounted for."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import alive, wait_until
from tests.integration.worker_project import Project, is_over, processes_with
from turnout.core.states import RunState

pytestmark = pytest.mark.slow

LINES = ["ready", *(f"line {number}" for number in range(200))]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "project")
    try:
        yield made
    finally:
        made.stop()


def begin(project: Project, deployment: str) -> str:
    run_id = project.trigger(deployment)
    wait_until(lambda: "ready" in project.messages(run_id), 20.0, "the flow to be ready")
    return run_id


def finish(project: Project, run_id: str) -> None:
    wait_until(lambda: is_over(project.run(run_id)), 40.0, "the run to end")


def test_server_killed_and_restarted_is_not_noticed(project: Project) -> None:
    project.start()
    run_id = begin(project, "steadily")
    project.cluster.kill("server")
    project.cluster.start_server()
    project.cluster.wait_ready()
    finish(project, run_id)
    assert [entry.state for entry in project.history(run_id)] == ["scheduled", "pending", "running", "completed"]
    assert project.messages(run_id) == LINES


def test_server_away_longer_than_the_lease_is_not_noticed(project: Project) -> None:
    project.start()
    run_id = begin(project, "steadily")
    supervisor = project.cluster.pid_of("supervisor")
    assert supervisor is not None
    project.cluster.kill("server")
    flow = project.cluster.pid_of("flow")
    assert flow is not None
    # The flow ends while there is no server; its supervisor waits for one.
    wait_until(lambda: not alive(flow), 20.0, "the flow to end")
    assert alive(supervisor)
    project.cluster.start_server()
    project.cluster.wait_ready()
    finish(project, run_id)
    assert project.run(run_id).state == RunState.COMPLETED
    assert project.messages(run_id) == LINES


def test_worker_killed_and_restarted_adopts_its_run(project: Project) -> None:
    project.start()
    run_id = begin(project, "steadily")
    project.cluster.kill("worker")
    project.cluster.start_worker()
    finish(project, run_id)
    run = project.run(run_id)
    assert (run.state, run.attempt) == (RunState.COMPLETED, 1)
    assert project.messages(run_id) == LINES


@pytest.mark.parametrize("body", ["sleep", "daemon", "tree"])
def test_supervisor_killed(project: Project, body: str) -> None:
    project.start()
    run_id = begin(project, body)
    project.cluster.kill("supervisor")
    finish(project, run_id)
    run = project.run(run_id)
    assert run.state == RunState.CRASHED
    assert run.reason is not None
    assert "supervisor" in run.reason
    wait_until(lambda: not processes_with(project.data, run_id), 10.0, "every process to be gone")
    wait_until(lambda: not list((project.data / "spool").glob("*")), 10.0, "the spool to be empty")


def test_worker_and_supervisor_killed_together(project: Project) -> None:
    project.start()
    run_id = begin(project, "daemon")
    project.cluster.kill("worker")
    project.cluster.kill("supervisor")
    project.cluster.start_worker()
    finish(project, run_id)
    assert project.run(run_id).state == RunState.CRASHED
    wait_until(lambda: not list((project.data / "spool").glob("*")), 10.0, "the spool to be empty")


def test_stopped_worker_leaves_its_runs_and_exits(project: Project) -> None:
    project.start()
    run_id = begin(project, "steadily")
    worker = project.cluster.worker
    assert worker is not None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    finish(project, run_id)
    assert project.run(run_id).state == RunState.COMPLETED
