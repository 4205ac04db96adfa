"""A few cycles of the harness `resume`, at every change; and a deploy between two attempts of a run."""

import argparse
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import resume
from tests.faults.cancel import TENTH
from tests.faults.cluster import Cluster, wait_until
from turnout.core.records import Namespace
from turnout.core.states import RunState

pytestmark = pytest.mark.slow


def test_killed_and_resumed() -> None:
    parser = argparse.ArgumentParser()
    resume.add_arguments(parser)
    [outcome] = resume.run(parser.parse_args(["--cycles", "6", "--seed", "3"]))
    assert outcome.faults == ()
    assert outcome.details["attempts"] > 6


FLOWS = """\
import os
import signal

from turnout import flow, get_run_logger, runtime, task
from release import NUMBER


@task
def step(number):
    get_run_logger().info("step %s of release %s", number, NUMBER)


@flow
def steps(gate: str):
    step(1)
    if runtime.flow_run.attempt == 1:
        with open(gate) as file:  # a pipe: the attempt goes on when the test says so
            file.read()
        os.kill(os.getpid(), signal.SIGKILL)
    step(2)
"""
MANIFEST = """\
project: pinned
timezone: UTC
pools:
  default: {type: process}
deployments:
  steps: {flow: 'flows.py:steps', on_crash: resume}
"""


def commit(folder: Path, release: int) -> None:
    (folder / "release.py").write_text(f"NUMBER = {release}\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["add", "."], [*identity, "commit", "-q", "-m", f"Release {release}"]):
        subprocess.run(["git", *command], cwd=folder, check=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "flows.py").write_text(FLOWS)
    (folder / "turnout.yaml").write_text(MANIFEST)
    (folder / ".gitignore").write_text(".turnout/\n*.log\n")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    commit(folder, 1)
    made = Cluster(folder, TENTH)
    try:
        made.start_server()
        made.wait_ready()
        made.apply()
        made.start_worker()
        yield made
    finally:
        made.stop()


def test_a_deploy_in_between_does_not_change_code_in_flight(cluster: Cluster, tmp_path: Path) -> None:
    import os

    gate = tmp_path / "gate"
    os.mkfifo(gate)
    namespace = Namespace(project="pinned")
    with cluster.api() as api:
        run = api.trigger("steps", namespace=namespace, parameters={"gate": str(gate)})
        wait_until(lambda: bool(api.logs(run.id)[0]), 30.0, "the first step")
        commit(cluster.project, 2)
        cluster.apply()
        gate.write_text("go on")
        wait_until(lambda: api.run(run.id).state == RunState.COMPLETED, 30.0, "the second attempt")
        assert api.run(run.id).attempt == 2
        wait_until(lambda: len(api.logs(run.id)[0]) >= 2, 10.0, "its lines")
        said = [line.message for line in api.logs(run.id)[0] if line.message.startswith("step")]
        assert said == ["step 1 of release 1", "step 2 of release 1"]
        assert api.run(run.id).spec.bundle == run.spec.bundle
        newer = api.trigger("steps", namespace=namespace, parameters={"gate": str(gate)})
        assert newer.spec.bundle != run.spec.bundle
        api.cancel(newer.id)
