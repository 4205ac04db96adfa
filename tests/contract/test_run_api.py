"""What every `core.ports.RunApi` promises: over HTTP, over an open store, and over a data folder with nobody else."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.serving import PROJECT, apply, field_plan, served
from turnout.client.running import HttpRunApi
from turnout.core import errors
from turnout.core.ports import RunApi
from turnout.core.records import EmittedEvent
from turnout.local import open_local
from turnout.local.running import FolderRunApi, StoreRunApi
from turnout.settings import Settings
from turnout.store import open_store


@pytest.fixture(params=["http", "store", "folder", "folder-of-a-server"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunApi]:
    settings = Settings(data_dir=tmp_path)
    if request.param in ("http", "folder-of-a-server"):
        with served(tmp_path) as server, server.admin() as admin:
            apply(admin, field_plan())
            if request.param == "http":
                with HttpRunApi(server.url, server.token(), PROJECT) as made:
                    yield made
            else:
                with closing(FolderRunApi(settings, PROJECT)) as made_here:
                    yield made_here
        return
    with open_local(settings) as local:
        apply(local, field_plan())
    if request.param == "folder":
        yield FolderRunApi(settings, PROJECT)
    else:
        with open_store(tmp_path, threaded=False) as store:
            yield StoreRunApi(store, PROJECT)


def test_a_run_is_made_once_a_key_and_read(api: RunApi) -> None:
    made = api.trigger("load", parameters={"states": 3}, tags=["t"], idempotency_key="k")
    assert (made.deployment, made.parameters, made.tags) == ("load", {"states": 3}, ("nightly", "t"))
    assert api.trigger("load", idempotency_key="k").id == made.id
    assert api.trigger("load").id != made.id
    assert api.run(made.id).id == api.run(made.id, wait=0.01).id == made.id


def test_what_is_not_there_is_not_found(api: RunApi) -> None:
    with pytest.raises(errors.NotFound):
        api.trigger("nothing")
    with pytest.raises(errors.NotFound):
        api.run("0" * 32)
    with pytest.raises(errors.ParameterError):
        api.trigger("load", parameters={"states": "many"})


def test_deployments_are_listed(api: RunApi) -> None:
    assert {status.name for status in api.deployments()} == set(field_plan().deployments)


def test_values_are_set_once_unless_replaced(api: RunApi) -> None:
    assert api.value("variable", "region") is None
    assert api.put_value("variable", "region", {"states": ["TX"]}, tags=["t"]).name == "region"
    with pytest.raises(errors.Conflict):
        api.put_value("variable", "region", 1)
    assert api.put_value("variable", "region", 1, replace=True).content == 1
    found = api.value("variable", "region")
    assert found is not None
    assert found.content == 1
    assert [value.name for value in api.values("variable")] == ["region"]
    for kind, name in (("nothing", "x"), ("variable", "a b"), ("block.", "x")):
        with pytest.raises(errors.ParameterError):
            api.put_value(kind, name, 1)
    assert api.remove_value("variable", "region")
    assert not api.remove_value("variable", "region")


def test_an_event_is_told_once(api: RunApi) -> None:
    event = EmittedEvent(id="a" * 32, event="loaded", resource={"id": "van"}, occurred=datetime.now(UTC))
    assert api.emit(event)
    assert not api.emit(event)


def test_a_run_is_told_things_and_an_answer_needs_a_pause(api: RunApi) -> None:
    run = api.trigger("load")
    api.send(run.id, "k", {"value": 1})
    api.send(run.id, "k", {"value": 2})
    assert [(told.key, told.value) for told in api.told(run.id, "k", wait=5)] == [("k", {"value": 1})]
    assert api.told(run.id, "other", wait=0.01) == []
    with pytest.raises(errors.Conflict):
        api.answer(run.id)
