import hashlib
from pathlib import Path

import pytest

from tests.unit.orchestration.world import FIELD, NOON, Clock, deployment, project
from tests.unit.services.spooling import RUN, Script
from turnout.core.errors import Conflict, NotFound, StoreLocked
from turnout.core.operations import Plan
from turnout.core.ports import AdminApi
from turnout.core.records import Page, RunFilter
from turnout.core.states import RunState
from turnout.local import open_local
from turnout.local.admin import LocalAdminApi
from turnout.settings import Settings
from turnout.store import open_store

NOTHING = {"bundle": None, "commit": None, "author": None, "message": None}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def test_does_what_a_server_does(settings: Settings) -> None:
    with open_local(settings) as opened:
        api: AdminApi = opened
        wanted = project(deployment("load"))
        assert Plan.from_json(api.plan(wanted)).release is None
        assert api.apply(wanted, **NOTHING)["release"] == 1
        run = api.trigger("load", namespace=FIELD, tags=["t"])
        assert "pool 'default'" in (run.wait_reason or "")
        assert api.trigger("load", namespace=FIELD, idempotency_key="k") == api.trigger(
            "load", namespace=FIELD, idempotency_key="k"
        )
        assert [found.id for found in api.runs(RunFilter(tags=("t",)), Page())] == [run.id]
        assert api.run(run.id).wait_reason
        assert [status.name for status in api.deployments()] == ["load"]
        assert api.deployment("load", FIELD).release == 1
        assert [release.number for release in api.releases(FIELD, Page())] == [1]
        assert api.snapshot(FIELD) is not None
        assert api.workers() == []
        assert api.cancel(run.id, "enough").state == RunState.CANCELLED
        assert api.retry(run.id).attempt == 2
        assert [entry.reason for entry in api.history(run.id)][1] == "enough"


def test_what_was_done_is_there_the_next_time(settings: Settings) -> None:
    with open_local(settings) as api:
        api.apply(project(deployment("load")), **NOTHING)
    with open_local(settings) as api:
        assert api.snapshot(FIELD) is not None


def test_finds_what_scripts_left(settings: Settings) -> None:
    running = Script(settings.data_dir)
    running.start()
    running.log("hello")
    with open_local(settings) as api:
        assert api.run(RUN).state == RunState.RUNNING
        lines, cursor = api.logs(RUN)
        assert [line.message for line in lines] == ["hello"]
        assert api.logs(RUN, cursor=cursor) == ([], cursor)
        running.log("again")
        running.end()
        lines, cursor = api.logs(RUN, cursor=cursor, wait=30)
        assert [line.message for line in lines] == ["again"]
        assert cursor is None or api.logs(RUN, cursor=cursor) == ([], None)
        assert api.run(RUN).state == RunState.COMPLETED
        assert api.tasks(RUN, Page()) == []
        assert api.artifacts(RUN) == []


def test_waits_no_longer_than_asked(tmp_path: Path) -> None:
    clock = Clock(NOON)
    script = Script(tmp_path)
    with open_store(tmp_path, threaded=False) as store:
        looked = []

        def refresh() -> None:
            looked.append(clock.now())
            clock.advance(seconds=4)

        api = LocalAdminApi(store, clock=clock, refresh=refresh)
        api.apply(project(deployment("load")), **NOTHING)
        run = api.trigger("load", namespace=FIELD)
        assert api.logs(run.id, wait=10)[0] == []
        assert len(looked) == 3
    script.die()


def test_is_refused_while_someone_else_has_the_store(settings: Settings) -> None:
    with open_store(settings.data_dir, threaded=False), pytest.raises(StoreLocked), open_local(settings):
        pass


def test_a_damaged_bundle_is_refused(settings: Settings) -> None:
    digest = hashlib.sha256(b"code").hexdigest()
    with open_local(settings) as api:
        with pytest.raises(Conflict, match="digest"):
            api.put_bundle(digest, b"c0de")
        api.put_bundle(digest, b"code")
        assert api.apply(project(deployment("load")), **{**NOTHING, "bundle": digest})["release"] == 1


def test_what_is_not_there_is_not_found(settings: Settings) -> None:
    with open_local(settings) as api:
        for ask in (api.run, api.history, api.artifacts, api.logs, api.cancel, api.retry):
            with pytest.raises(NotFound):
                ask("f" * 32)
