"""Limits under a worker: runs share them through the server, with the token of their attempt."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.limits import most_at_once
from tests.faults.cluster import wait_until
from tests.integration.worker_project import Project, is_over
from turnout.core.records import Page
from turnout.core.states import RunState

pytestmark = pytest.mark.slow
FLOWS = """\
import json
import time

from turnout import flow, get_run_logger, task
from turnout.concurrency.sync import concurrency


@task(per="van-api")
def call(seconds):
    began = time.monotonic()
    time.sleep(seconds)
    return began, time.monotonic()


@flow
def calls():
    spans = [future.result() for future in [call.submit(0.1) for _ in range(5)]]
    get_run_logger().info(json.dumps(spans))


@flow
def hold():
    with concurrency("van-api", occupy=2):
        get_run_logger().info("held")
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("limits") / "project"
    made = Project(folder, flows=FLOWS, deployments={name: f"flow: 'flows.py:{name}'" for name in ("calls", "hold")})
    declare(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def declare(folder: Path) -> None:
    with (folder / "turnout.yaml").open("a") as manifest:
        manifest.write("limits:\n  van-api: {concurrency: 2}\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "commit", "-q", "-a", "-m", "Limit the API"], cwd=folder, check=True)


def ended(project: Project, run_id: str) -> RunState:
    wait_until(lambda: is_over(project.run(run_id)), 60.0, "the run to end")
    return project.run(run_id).state


def waiting_tasks(project: Project, run_id: str) -> list[str | None]:
    with project.cluster.api() as api:
        return [each.reason for each in api.tasks(run_id, Page()) if each.state_name == "AwaitingConcurrencySlot"]


def test_runs_share_a_limit(project: Project) -> None:
    runs = [project.trigger("calls") for _ in range(3)]
    assert [ended(project, run_id) for run_id in runs] == [RunState.COMPLETED] * 3
    said = [message for run_id in runs for message in project.messages(run_id) if message.startswith("[[")]
    spans = [tuple(span) for message in said for span in json.loads(message)]
    assert len(spans) == 15
    assert most_at_once(spans) == 2


def test_a_run_that_waits_says_so_and_is_cancelled_and_another_goes_on(project: Project) -> None:
    holder = project.trigger("hold")
    wait_until(lambda: "held" in project.messages(holder), 60.0, "the limit to be held")
    first, second = project.trigger("calls"), project.trigger("calls")
    for run_id in (first, second):
        wait_until(lambda run_id=run_id: len(waiting_tasks(project, run_id)) == 5, 60.0, "the tasks to wait")  # type: ignore[misc]
    assert set(waiting_tasks(project, first)) == {"waits for limit van-api (2 of 2 held)"}
    with project.cluster.api() as api:
        api.cancel(first)
    assert ended(project, first) == RunState.CANCELLED
    with project.cluster.api() as api:
        assert {each.state for each in api.tasks(first, Page())} == {"cancelled"}
        api.cancel(holder)
    assert ended(project, second) == RunState.COMPLETED
