"""Intended differences in what a flow asks of the control plane."""

from pathlib import Path
from typing import Any

import pytest

import turnout
from tests.compat.test_differences import difference
from turnout import Variable, flow
from turnout.artifacts import create_markdown_artifact
from turnout.core.errors import Conflict, MissingContext, ParameterError
from turnout.deployments import run_deployment
from turnout.engine import connect
from turnout.events import emit_event
from turnout.flow_runs import suspend_flow_run
from turnout.testing import Harness


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "turnout.yaml").write_text("project: moved\nvariables: {size: 12}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TURNOUT_DATA", raising=False)
    connect._apis.clear()
    return tmp_path


@difference("ids of artifacts")
def test_an_artifact_is_its_key(records: Harness) -> None:
    @flow
    def main() -> tuple[str, str]:
        create_markdown_artifact("first")
        return create_markdown_artifact("second"), create_markdown_artifact("x", key="note")

    assert main() == ("markdown", "note")
    assert records.run.artifacts["markdown"][1]["markdown"] == "second"


@difference("variables of turnout.yaml")
def test_variables_of_the_manifest_cannot_be_set(project: Path) -> None:
    assert Variable.get("size") == 12
    with pytest.raises(Conflict, match=r"turnout\.yaml"):
        Variable.set("size", 1, overwrite=True)
    assert Variable.set("other", {"a": 1}).value == {"a": 1}
    with pytest.raises(Conflict, match="set already"):
        Variable.set("other", 2)
    assert Variable.get("other") == {"a": 1}
    assert Variable.unset("other")


@difference("secrets of blocks")
def test_a_blocks_secrets_stay_on_the_machine(project: Path) -> None:
    from pydantic import SecretStr

    from turnout.blocks.core import Block
    from turnout.blocks.system import Secret

    class Warehouse(Block):
        host: str
        password: SecretStr

    Warehouse(host="db", password=SecretStr("hunter2hunter2")).save("main")
    assert Warehouse.load("main").password.get_secret_value() == "hunter2hunter2"
    found: Any = Block.load("warehouse/main")
    assert found.host == "db"
    Secret(value="s3cr3t-value").save("token")  # type: ignore[call-arg]
    assert Secret.load("token").get() == "s3cr3t-value"
    data = project / ".turnout"
    assert b"hunter2" not in b"".join(path.read_bytes() for path in data.glob("turnout.db*"))
    assert "hunter2hunter2" in (data / "secrets.json").read_text()


@difference("options of run_deployment")
def test_options_that_mean_work_pools_are_refused(project: Path) -> None:
    for options in ({"job_variables": {"cpu": 1}}, {"work_queue_name": "fast"}):
        with pytest.raises(ParameterError, match="cannot take"):
            run_deployment("load", **options)


@difference("suspending")
def test_a_script_cannot_be_suspended(records: Harness) -> None:
    @flow
    def main() -> None:
        with pytest.raises(MissingContext, match="needs a worker"):
            suspend_flow_run()
        with pytest.raises(ParameterError, match="its own run only"):
            suspend_flow_run(flow_run_id="0" * 32)

    main()


@difference("methods of the client")
def test_the_client_names_what_it_has(project: Path) -> None:
    with turnout.get_client(sync_client=True) as client, pytest.raises(AttributeError, match="read_flow_runs"):
        client.create_work_pool()


@flow
def served() -> None: ...


@difference("deployments from code")
def test_what_a_deployment_from_code_cannot_take() -> None:
    for option in ("triggers", "job_variables", "work_queue_name"):
        with pytest.raises(ParameterError, match=option):
            served.to_deployment("x", **{option: []})
    with pytest.raises(ParameterError, match="no images"):
        served.deploy("x", image="python:3")


@difference("events without a server")
def test_outside_of_every_project_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    connect._apis.clear()
    assert emit_event("x", resource={"id": "y"}) is None


def test_in_a_project_the_store_is_told(project: Path) -> None:
    event = emit_event("x", resource={"id": "y"})
    assert event is not None
    assert event.emit().id == event.id
