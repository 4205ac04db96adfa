"""The database away, locked or slow under a server that goes on: 503 and a reason, then everything as before."""

import contextlib
import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cluster import Cluster, wait_until
from tests.faults.postmaster import Postmaster, postmaster
from tests.integration.test_api_runs import AT, claimed, journal
from tests.integration.worker_project import NAMESPACE, SHORT, make_project
from tests.serving import PROJECT, apply, field_plan, served
from turnout.core.states import RunState
from turnout.store.session import Session


def health(port: int) -> tuple[int, dict[str, object], str | None]:
    """Status, body and Retry-After of /health."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("Retry-After")


def test_a_database_that_another_process_holds(tmp_path: Path) -> None:
    with served(tmp_path) as server, server.admin() as api, server.http(server.token("admin")) as client:
        apply(api, field_plan())
        other = sqlite3.connect(tmp_path / "turnout.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        url = f"/api/v1/deployments/load/runs?project={PROJECT.project}"
        refused = client.post(url, json={}, timeout=60)
        assert refused.status_code == 503, refused.text
        assert refused.headers["Retry-After"] == "1"
        assert refused.json()["code"] == "store_locked"
        assert refused.json()["fix"]
        assert client.get("/api/v1/runs").status_code == 200, "what only reads goes on"
        status, body, retry = health(int(server.url.rsplit(":", 1)[1]))
        assert (status, body, retry) == (503, {"ok": False}, "1")
        other.execute("ROLLBACK")
        other.close()
        assert api.trigger("load", namespace=PROJECT).state == RunState.SCHEDULED
        wait_until(lambda: health(int(server.url.rsplit(":", 1)[1]))[0] == 200, 10.0, "health")


LEASE = 2.0


@pytest.mark.slow
@pytest.mark.parametrize("renewing", [True, False])
def test_a_slow_database_is_no_death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renewing: bool) -> None:
    """Every statement takes a ninth of a lease, as five seconds do of the shipped one: who renews stays, who does not
    is given up once the database is itself again."""
    quick, slow = Session.execute_text, threading.Event()

    def slowly(session: Session, text: str, values: Mapping[str, Any]) -> Any:
        if slow.is_set():
            time.sleep(LEASE / 9)
        return quick(session, text, values)

    monkeypatch.setattr(Session, "execute_text", slowly)
    with served(tmp_path, services=None, lease_seconds=LEASE, sweep_seconds=LEASE / 9) as server, server.admin() as api:
        apply(api, field_plan())
        job = claimed(server, api)
        with server.run(job.token) as mine:
            mine.ship(job.run.id, 1, 0, 0, journal(job, ["s", 0, "running", AT, None]))
            slow.set()
            until = time.monotonic() + 5 * LEASE
            while time.monotonic() < until:
                if renewing:
                    assert mine.heartbeat(job.run.id, 1, wait=LEASE / 3).command is None
                else:
                    time.sleep(LEASE / 3)
            assert api.run(job.run.id).state == RunState.RUNNING
            slow.clear()
            if renewing:
                mine.heartbeat(job.run.id, 1, wait=0)
                assert {step.attempt for step in api.history(job.run.id)} == {1}
            else:
                wait_until(lambda: api.run(job.run.id).state == RunState.CRASHED, 20.0, "the run to be given up")


@pytest.fixture(scope="module")
def database() -> Iterator[Postmaster]:
    with postmaster() as running:
        yield running


@pytest.mark.slow
def test_postgresql_gone_under_a_running_flow(database: Postmaster, tmp_path: Path) -> None:
    cluster = Cluster(make_project(tmp_path / "project"), {**SHORT, "VAN_API_KEY": "k-0123456789"}, database)
    cluster.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        cluster.start_worker()  # before there is a server
        worker_log = cluster.project / "worker.log"
        wait_until(lambda: "waiting for one" in worker_log.read_text(), 20.0, "the worker to say that it waits")
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        with cluster.api() as api:
            run = api.trigger("steadily", namespace=NAMESPACE)
            wait_until(lambda: len(api.logs(run.id)[0]) > 10, 30.0, "the flow to be under way")
        database.immediate()
        wait_until(lambda: health(cluster.port)[0] == 503, 20.0, "health to say so")
        assert health(cluster.port)[1:] == ({"ok": False}, "1")
        database.start()
        wait_until(lambda: health(cluster.port)[0] == 200, 30.0, "health to be back")
        with cluster.api() as api:
            wait_until(lambda: api.run(run.id).state == RunState.COMPLETED, 40.0, "the flow to complete")
            assert api.run(run.id).attempt == 1
            said = [line.message for line in api.logs(run.id)[0] if line.message.startswith("line ")]
            assert said == [f"line {number}" for number in range(200)]
    finally:
        cluster.stop()
