"""Plan, bundles and apply over HTTP."""

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import PROJECT, Served, apply, deployment, field_plan, packed, register, served, snapshot
from turnout.client import HttpAdminApi
from turnout.core import errors
from turnout.core.records import Page


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def api(server: Served) -> Iterator[HttpAdminApi]:
    with server.admin() as admin:
        yield admin


def test_plan_apply_and_what_is_read_afterwards(api: HttpAdminApi) -> None:
    assert api.snapshot(PROJECT) is None
    planned = api.plan(field_plan())
    assert {item["name"] for item in planned["operations"] if item["kind"] == "deployment"} == set(
        field_plan().deployments
    )
    assert apply(api, field_plan())["release"] == 1
    assert api.snapshot(PROJECT) == (1, field_plan())
    assert api.plan(field_plan())["operations"] == []
    (release,) = api.releases(PROJECT, Page())
    assert (release.commit, release.author, release.applied_by) == ("8970c6b", "Ada", "admin:admin")
    shown = {item.name: item for item in api.deployments()}
    assert list(shown) == sorted(field_plan().deployments)
    assert len(shown["load"].next_runs) == 5
    assert shown["turf"].waiting
    assert api.deployment("load", PROJECT) == shown["load"]


def test_a_bundle_travels_to_the_worker(server: Served, api: HttpAdminApi) -> None:
    digest, content = packed({"flows/load.py": random.Random(7).randbytes(2_000_000)})
    with pytest.raises(errors.Conflict, match="not on the server"):
        api.apply(field_plan(), bundle=digest, commit=None, author=None, message=None)
    api.put_bundle(digest, content)
    api.put_bundle(digest, content)
    api.apply(field_plan(), bundle=digest, commit=None, author=None, message=None)
    made = api.trigger("load", namespace=PROJECT)
    assert made.spec.bundle == digest
    with server.worker() as worker:
        assert worker.bundle(digest) == content
        with pytest.raises(errors.NotFound):
            worker.bundle("0" * 64)


def test_an_apply_against_another_release_changes_nothing(api: HttpAdminApi) -> None:
    apply(api, field_plan())
    smaller = snapshot(deployment("load"))
    with pytest.raises(errors.Conflict, match="release 1"):
        api.apply(smaller, bundle=None, commit=None, author=None, message=None, expected_release=0)
    assert api.snapshot(PROJECT) == (1, field_plan())


def test_a_schedule_that_cannot_be_is_refused_whole(api: HttpAdminApi) -> None:
    from turnout.core.snapshot import ScheduleSpec

    odd = ScheduleSpec(slug="x", cron="0 6 * * *", timezone="../../etc/passwd")
    with pytest.raises(errors.ConfigurationError):
        apply(api, snapshot(deployment("good"), deployment("bad", schedules=(odd,))))
    assert api.snapshot(PROJECT) is None


def test_a_new_pool_gets_its_token_with_the_release(server: Served, api: HttpAdminApi) -> None:
    assert not (server.folder / "pool.heavy.token").exists()
    apply(api, field_plan())
    with server.worker("heavy") as worker:
        register(worker, "w9", "heavy")
    assert [found.name for found in api.workers()] == ["w9"]
    assert api.workers()[0].state == "online"


def test_history_and_tokens_survive_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as first, first.admin() as api:
        apply(api, field_plan())
        made = api.trigger("load", namespace=PROJECT)
        tokens = {path.name: path.read_text() for path in tmp_path.glob("*.token")}
        assert json.loads((tmp_path / "server.json").read_text())["url"] == first.url
    assert not (tmp_path / "server.json").exists()
    with served(tmp_path, services=None) as second, second.admin() as api:
        assert api.run(made.id).name == made.name
        assert {path.name: path.read_text() for path in tmp_path.glob("*.token")} == tokens


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_a_server_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import sys, pathlib\n"
        "from turnout.server.app import serve\n"
        "from turnout.settings import Settings\n"
        "serve(Settings(data_dir=pathlib.Path(sys.argv[1]), port=0), lambda up: print(up.login_link, flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert "/login?token=tn_login_" in child.stdout.readline()
        child.send_signal(number)
        assert child.wait(20) == 0
    assert not (tmp_path / "server.json").exists()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with served(tmp_path / "one") as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(errors.ConfigurationError, match=str(port)), served(tmp_path / "two", port=port):
            pass


def test_an_unsafe_address_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="TLS"), served(tmp_path / "data", host="0.0.0.0"):
        pass
    assert not (tmp_path / "data").exists()
