"""Flows that start runs of deployments: a real server and worker, on both databases."""

from collections.abc import Iterator

import pytest

from tests.faults.cluster import wait_until
from tests.integration.worker_project import Project, is_over
from turnout.core.records import Page, RunFilter
from turnout.core.states import RunState

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    environ = {"TURNOUT_DATABASE": request.getfixturevalue("postgres_url")} if request.param == "postgresql" else {}
    made = Project(tmp_path_factory.mktemp("deployed") / "project", **environ)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def completed(project: Project, run_id: str) -> None:
    wait_until(lambda: is_over(project.run(run_id)), 60.0, "the run to end")
    assert project.run(run_id).state == RunState.COMPLETED, project.run(run_id).reason


def test_a_flow_runs_deployments_and_resumes_with_the_same_runs(project: Project) -> None:
    run_id = project.trigger("parent", crash=True)
    wait_until(lambda: project.run(run_id).attempt == 2, 60.0, "the second attempt")
    completed(project, run_id)
    first, bad, later = project.messages(run_id, attempt=1)
    child = project.run(first.split()[0])
    assert first == f"{child.id} small one True ['mine'] {run_id}"
    assert (child.created_by, child.parameters) == (f"flow:{run_id}", {"name": "child"})
    assert bad == "failed ValueError: no such county"
    assert later in ("scheduled", "pending")
    again = project.messages(run_id, attempt=2)
    assert again[0] == first, "completed steps are reused: nothing is started twice"
    with project.cluster.api() as api:
        made = api.runs(RunFilter(project="bodies"), Page(limit=50))
        steps = api.tasks(run_id, Page(), 1)
    assert sorted(run.deployment or "" for run in made) == ["fails", "hello", "hello", "parent"]
    assert [step.name for step in steps] == ["run hello", "run fails", "run hello"]


def test_an_async_flow_awaits_several_at_once(project: Project) -> None:
    run_id = project.trigger("async-parent")
    completed(project, run_id)
    assert project.messages(run_id) == ["['Completed', 'Completed'] 2"]
