"""`flow.serve`, `flow.deploy`, `Flow.from_source`: deployments from code, with real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import turnout
from tests.faults.cluster import wait_until
from tests.serving import PROJECT, apply, field_plan, served
from turnout import flow
from turnout.client import connect
from turnout.client.connecting import find_server
from turnout.core import errors
from turnout.core.ports import AdminApi
from turnout.core.records import Namespace
from turnout.core.states import is_final
from turnout.flows import Flow
from turnout.settings import Settings, load

pytestmark = pytest.mark.slow

SCRIPT = """\
import os, sys
from turnout import flow, serve
from turnout.schedules import Cron


@flow
def count(rows: int = 1):
    print("counted", rows, os.environ.get("SERVED", ""))
    return rows


@flow
def other():
    pass


if __name__ == "__main__":
    serve(
        count.to_deployment("count", schedules=[Cron("0 6 * * *", timezone="America/New_York")]),
        other.to_deployment("other-one", tags=["t"]),
        limit=2,
    )
"""


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Settings]]:
    folder.mkdir(exist_ok=True)
    (folder / "counts.py").write_text(SCRIPT)
    environ = {**os.environ, "TURNOUT_DATA": str(folder / "data"), "HOME": str(folder)}
    process = subprocess.Popen([sys.executable, "counts.py"], cwd=folder, env=environ, stderr=subprocess.PIPE)
    try:
        yield process, load(folder, {"TURNOUT_DATA": str(folder / "data")})
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def ask(found: Settings) -> AdminApi:
    api = connect(found)
    assert api is not None
    return api


def test_serve_runs_what_is_triggered_until_it_is_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / "tallies"
    namespace = Namespace(project="tallies")
    with serving(folder) as (process, found):
        wait_until(lambda: process.poll() is not None or find_server(found) is not None, 30.0, "the server")
        assert process.poll() is None, process.communicate()[1].decode()
        with ask(found) as api:  # type: ignore[attr-defined]
            wait_until(lambda: len(api.deployments(namespace)) == 2, 30.0, "the deployments")
            count = api.deployment("count", namespace)
            assert len(count.schedules) == 1
            assert "06:00" in count.schedules[0] or "6:00" in count.schedules[0]
            assert api.deployment("other-one", namespace).tags == ("t",)
            run = api.trigger("count", namespace=namespace, parameters={"rows": 5})
            wait_until(lambda: is_final(api.run(run.id).state), 60.0, "the run")
            done = api.run(run.id)
            assert done.state == "completed", done.reason
            assert any("counted 5" in line.message for line in api.logs(run.id)[0])
            with pytest.raises(errors.ParameterError):
                api.trigger("count", namespace=namespace, parameters={"rows": "many"})
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with serving(folder) as (process, found):  # what was paused at the end goes on
        wait_until(lambda: process.poll() is not None or find_server(found) is not None, 30.0, "the server")
        with ask(found) as api:  # type: ignore[attr-defined]
            wait_until(lambda: not api.pauses(namespace), 30.0, "the pause to be taken back")


def test_a_deployment_says_what_it_cannot_take() -> None:
    @flow
    def local() -> None: ...

    with pytest.raises(errors.ConfigurationError, match="not in a file"):
        local.to_deployment("x")
    served = Flow.from_source(Path(__file__).parent, "source_flows.py:hello")
    for options in ({"job_variables": {}}, {"triggers": []}, {"enforce_parameter_schema": False}, {"schedules": ["x"]}):
        with pytest.raises(errors.ParameterError):
            served.to_deployment("x", **options)
    assert served.to_deployment("My Name", interval=60, cron=["0 6 * * *", "0 7 * * *"]).full_name == "hello/my-name"


def test_a_flow_comes_from_a_folder_or_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNOUT_DATA", str(tmp_path / "data"))
    repository = tmp_path / "repository"
    (repository / "flows").mkdir(parents=True)
    (repository / "flows" / "far.py").write_text(
        "from turnout import flow\n\n\n@flow\ndef far(n: int = 1):\n    return n + 1\n"
    )
    identity = ["-c", "user.name=T", "-c", "user.email=t@localhost"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "First"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert Flow.from_source(str(repository), "flows/far.py:far")(2) == 3
    assert flow.from_source(f"file://{repository}", entrypoint="flows/far.py:far").name == "far"  # type: ignore[attr-defined]
    assert flow.from_source(f"file://{repository}", entrypoint="flows/far.py:far")(4) == 5  # type: ignore[attr-defined]
    with pytest.raises(errors.DiscoveryError, match="leads out"):
        Flow.from_source(str(repository / "flows"), "../../x.py:far")
    for bad in ("--upload-pack=touch x", "ext::sh -c touch% x", "/nowhere"):
        with pytest.raises(errors.ConfigurationError):
            Flow.from_source(bad, "flows/far.py:far")
    with pytest.raises(errors.ConfigurationError, match="git failed"):
        Flow.from_source(f"file://{tmp_path}/none", "flows/far.py:far")


def test_deploy_registers_with_the_code_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, data = tmp_path / "repository", tmp_path / "data"
    repository.mkdir()
    (repository / "turnout.yaml").write_text("project: field-plan\n")
    (repository / "near.py").write_text("from turnout import flow\n\n\n@flow\ndef near(n: int = 1):\n    return n\n")
    identity = ["-c", "user.name=T", "-c", "user.email=t@localhost"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "First"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    monkeypatch.setenv("TURNOUT_DATA", str(data))
    monkeypatch.setattr(sys, "path", list(sys.path))
    near = Flow.from_source(str(repository), "near.py:near")
    with pytest.raises(errors.ServerUnreachable):
        near.deploy("near")
    with served(data) as server, server.admin() as api:
        assert near.deploy("near", cron="0 6 * * *", tags=["t"], concurrency_limit=2) == "near"
        found = api.deployment("near", PROJECT)
        assert (found.entrypoint, found.tags, len(found.schedules)) == ("near.py:near", ("t",), 1)
        assert api.trigger("near", namespace=PROJECT).spec.bundle
        assert turnout.deploy(near.to_deployment("second"), work_pool_name="heavy") == ["second"]
        assert {each.name: each.pool for each in api.deployments(PROJECT)} == {"near": "default", "second": "heavy"}
        with pytest.raises(errors.ParameterError, match="no images"):
            near.deploy("near", image="x")
        apply(api, field_plan())
        with pytest.raises(errors.ConfigurationError, match=r"turnout\.yaml"):
            near.deploy("near")
