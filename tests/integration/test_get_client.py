"""`get_client()`: the methods that moved code calls, against a real server and against the store alone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import turnout
from tests.serving import apply, field_plan, served
from turnout.core import errors
from turnout.local import open_local
from turnout.settings import Settings
from turnout.states import Cancelled, Running, Scheduled


@pytest.fixture(params=["http", "server-file", "store"])
def client(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "turnout.yaml").write_text("project: field-plan\n")
    data = tmp_path / ".turnout"
    data.mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)
    for name in ("TURNOUT_DATA", "TURNOUT_API_URL", "TURNOUT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    if request.param == "store":
        with open_local(Settings(data_dir=data)) as local:
            apply(local, field_plan())  # type: ignore[arg-type]
        with turnout.get_client(sync_client=True) as made:
            yield made
        return
    with served(data) as server, server.admin() as admin:
        apply(admin, field_plan())
        if request.param == "http":
            monkeypatch.setenv("TURNOUT_API_URL", server.url)
            monkeypatch.setenv("TURNOUT_API_KEY", server.token())
        with turnout.get_client(sync_client=True) as made:
            yield made
        from turnout.engine import connect

        for api in connect._apis.values():
            api.close()  # type: ignore[attr-defined]
        connect._apis.clear()


def test_runs_are_made_found_cancelled_and_opened_again(client: Any) -> None:
    assert client.api_healthcheck() is None
    first = client.create_flow_run_from_deployment("load", parameters={"states": 2}, tags=["t"], name="mine")
    second = client.create_flow_run_from_deployment("turf", idempotency_key="k")
    assert client.create_flow_run_from_deployment("turf", idempotency_key="k").id == second.id
    assert client.read_flow_run(first.id).name == "mine"
    assert [run.id for run in client.read_flow_runs()] == [second.id, first.id]
    for condition in (
        {"name": {"any_": ["mine"]}},
        {"id": {"any_": [first.id]}},
        {"tags": {"all_": ["t"]}},
        {"deployment_id": {"any_": ["load"]}},
        {"state": {"type": {"any_": ["SCHEDULED"]}}, "name": {"any_": ["mine"]}},
    ):
        assert [run.id for run in client.read_flow_runs(flow_run_filter=condition)] == [first.id], condition
    assert client.read_flow_runs(flow_run_filter={"state": {"name": {"any_": ["Running"]}}}) == []
    assert client.count_flow_runs(deployment_filter={"name": {"any_": ["turf"]}}) == 1
    assert client.set_flow_run_state(first.id, Cancelled()).state.is_cancelled()
    assert client.set_flow_run_state(first.id, Scheduled()).run_count == 2
    assert [step.name for step in client.read_flow_run_states(first.id)][:2] == ["Scheduled", "Cancelled"]
    with pytest.raises(errors.ParameterError, match="cannot be set to running"):
        client.set_flow_run_state(first.id, Running())
    with pytest.raises(errors.ParameterError, match="cannot look for `start_time`"):
        client.read_flow_runs(flow_run_filter={"start_time": {"after_": "2026-01-01"}})
    assert client.read_flow_run_logs(first.id) == []
    assert client.read_task_runs(flow_run_filter={"id": {"any_": [first.id]}}) == []


def test_deployments_are_read_and_paused(client: Any) -> None:
    assert {each.name for each in client.read_deployments()} == set(field_plan().deployments)
    assert client.read_deployment("load").name == client.read_deployment_by_name("load/load").name == "load"
    client.update_deployment("load", {"paused": True})
    assert client.resume_deployment("load")
    with pytest.raises(errors.ParameterError, match="only `paused`"):
        client.update_deployment("load", {"tags": []})
    with pytest.raises(errors.NotFound):
        client.read_deployment("nothing")


def test_variables_and_inputs(client: Any) -> None:
    client.create_variable({"name": "region", "value": 1, "tags": ["t"]})
    with pytest.raises(errors.Conflict):
        client.create_variable({"name": "region", "value": 2})
    client.update_variable({"name": "region", "value": 2})
    assert client.read_variable_by_name("region").content == 2
    assert [each.name for each in client.read_variables()] == ["region"]
    client.delete_variable_by_name("region")
    assert client.read_variable_by_name("region") is None
    run = client.create_flow_run_from_deployment("load")
    client.create_flow_run_input(run.id, "k", {"a": 1})
    assert client.read_flow_run_input(run.id, "k") == {"a": 1}


def test_what_it_has_not_is_named(client: Any) -> None:
    with pytest.raises(AttributeError, match=r"no method 'create_work_pool'.*read_flow_run,"):
        client.create_work_pool()


def test_the_async_client_is_awaited(client: Any) -> None:
    async def use() -> str:
        async with turnout.get_client() as mine:
            made = await mine.create_flow_run_from_deployment("load")
            return str((await mine.read_flow_run(made.id)).state_name)

    assert asyncio.run(use()) == "Scheduled"
