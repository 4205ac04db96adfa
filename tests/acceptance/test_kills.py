"""A flow of 12 tasks, killed after each side effect in turn: what came before is reused, and a person is told so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.repository import cluster, turnout, write
from tests.faults import resume
from tests.faults.cancel import TENTH
from tests.faults.cluster import Cluster, wait_until
from turnout.core.records import Namespace
from turnout.core.states import RunState

pytestmark = pytest.mark.slow

STEPS = range(resume.STEPS)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Cluster]:
    files = {"flows.py": resume.FLOWS, "turnout.yaml": resume.MANIFEST}
    environ = {"TURNOUT_PASS_VARIABLES": "ORACLE", "ORACLE": str(tmp_path / "oracle"), **TENTH}
    made = cluster(write(tmp_path / "kills", files), **environ)
    try:
        made.apply()
        made.start_worker()
        yield made
    finally:
        made.stop()


def test_a_kill_after_each_side_effect(project: Cluster, tmp_path: Path) -> None:
    with project.api() as api:
        runs = [
            api.trigger("steps", namespace=Namespace(project="resumes"), parameters={"die_at": number}).id
            for number in STEPS
        ]
        for run in runs:
            wait_until(lambda run=run: api.run(run).state == RunState.COMPLETED, 60.0, "the second attempt")
    for killed_at, run in enumerate(runs):
        ran = steps(tmp_path / "oracle", run)
        assert [ran.count(number) for number in STEPS] == [2 if number == killed_at else 1 for number in STEPS]
        shown = turnout(project.project, "runs", "show", run, **project.environ).stdout
        assert shown.count("completed in attempt 1") == killed_at, shown


def steps(oracle: Path, run: str) -> list[int]:
    """The tasks of one run, as often as each had its side effect, by the file that no part of Turnout reads."""
    said = [line.split() for line in oracle.read_text().splitlines()]
    return [int(number) for root, _, what, number, _ in said if root == run and what == "step"]
