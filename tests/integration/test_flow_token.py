"""The token of a running flow: its own project and environment, until its attempt is over, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.serving import PROJECT, Served, apply, deployment, field_plan, register, served, snapshot
from turnout.client.running import HttpRunApi
from turnout.core import errors
from turnout.core.jobs import Job
from turnout.core.records import Namespace
from turnout.core.snapshot import LimitSpec
from turnout.core.tokens import flow_token

OTHER = Namespace(project="other")
STAGING = replace(PROJECT, environment="staging")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    database = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with served(tmp_path, database_url=database) as running, running.admin() as api:
        apply(api, replace(field_plan(), limits={"van-api": LimitSpec(concurrency=1)}))
        apply(api, replace(snapshot(deployment("theirs")), project="other"))
        apply(api, replace(snapshot(deployment("load")), environment="staging"))
        yield running


@pytest.fixture
def job(server: Served) -> Job:
    with server.admin() as api, server.worker() as worker:
        api.trigger("load", namespace=PROJECT)
        register(worker)
        return worker.claim(worker_id="w1", key="flow", slots=1, wait=5)[0]


def flow_api(server: Served, job: Job, namespace: Namespace = PROJECT) -> HttpRunApi:
    return HttpRunApi(server.url, flow_token(job.token), namespace)


def test_it_does_what_a_flow_needs(server: Served, job: Job) -> None:
    with flow_api(server, job) as api:
        made = api.trigger("turf", parameters={"states": 2}, tags=["mine"], idempotency_key="turf#0")
        assert (made.created_by, made.parameters, made.tags) == (f"flow:{job.run.id}", {"states": 2}, ("mine",))
        assert api.trigger("turf", idempotency_key="turf#0").id == made.id
        assert api.run(made.id).state == "scheduled"
        assert {status.name for status in api.deployments()} == set(field_plan().deployments)
        assert api.acquire_slot(job.run.id, 1, "van-api", "call#0")
        assert not api.acquire_slot(job.run.id, 1, "van-api", "call#1")
        api.release_slot(job.run.id, 1, "van-api", "call#0")
        assert api.acquire_slot(job.run.id, 1, "van-api", "call#1", wait=5)


def test_a_wait_for_a_run_ends_with_it(server: Served, job: Job) -> None:
    with flow_api(server, job) as api, server.admin() as admin:
        made = api.trigger("export")
        assert api.run(made.id, wait=0.05).state == "scheduled"
        admin.cancel(made.id)
        assert api.run(made.id, wait=3600).state == "cancelled"


def test_another_project_or_environment_is_forbidden(server: Served, job: Job) -> None:
    with server.admin() as admin:
        theirs = admin.trigger("theirs", namespace=OTHER)
        staged = admin.trigger("load", namespace=STAGING)
    for namespace, run in ((OTHER, theirs), (STAGING, staged)):
        refuses_all(server, job, namespace, run.id)


def refuses_all(server: Served, job: Job, namespace: Namespace, run_id: str) -> None:
    with flow_api(server, job, namespace) as api:
        for call in (
            lambda: api.trigger("load"),
            lambda: api.deployments(),
            lambda: api.run(run_id),
            lambda: api.acquire_slot(run_id, 1, "van-api", "x"),
            lambda: api.release_slot(run_id, 1, "van-api", "x"),
        ):
            with pytest.raises(errors.Forbidden):
                call()
    with server.http(flow_token(job.token)) as http:
        for path in ("", "/history", "/tasks", "/logs", "/artifacts"):
            assert http.get(f"/api/v1/runs/{run_id}{path}").status_code == 403, path
        query = {"project": namespace.project, "environment": namespace.environment}
        assert http.get("/api/v1/runs", params=query).status_code == 403
        assert http.get("/api/v1/deployments/load", params=query).status_code == 403
        for path in ("/question", "/inputs"):
            assert http.get(f"/api/v1/runs/{run_id}{path}").status_code == 403, path
        assert http.post(f"/api/v1/runs/{run_id}/resume", json={}).status_code == 403
        assert http.post(f"/api/v1/runs/{run_id}/inputs", json={"key": "k"}).status_code == 403
        assert http.get("/api/v1/values/variable", params=query).status_code == 403
        value = "/api/v1/values/variable/x"
        assert http.get(value, params=query).status_code == 403
        assert http.put(value, params=query, json={"content": 1}).status_code == 403
        assert http.delete(value, params=query).status_code == 403
        assert http.get("/api/v1/events", params=query).status_code == 403
        event = {"id": "a" * 32, "event": "x", "resource": {}, "occurred": "2026-11-03T00:00:00Z"}
        assert http.post("/api/v1/events", params=query, json=event).status_code == 403


def test_a_list_without_a_project_is_of_its_own(server: Served, job: Job) -> None:
    with server.admin() as admin:
        admin.trigger("theirs", namespace=OTHER)
        admin.trigger("load", namespace=STAGING)
    with server.http(flow_token(job.token)) as http:
        assert [run["id"] for run in http.get("/api/v1/runs").json()["items"]] == [job.run.id]
        assert {status["project"] for status in http.get("/api/v1/deployments").json()} == {"field-plan"}


def test_it_neither_renews_nor_writes_nor_reports(server: Served, job: Job) -> None:
    with server.run(flow_token(job.token)) as mine:
        for call in (
            lambda: mine.heartbeat(job.run.id, 1, wait=0),
            lambda: mine.ship(job.run.id, 1, 0, 0, b"{}\n"),
            lambda: mine.report(job.run.id, 1, "lost", "x"),
            lambda: mine.checkpoints(job.run.id, 1),
        ):
            with pytest.raises(errors.Forbidden):
                call()


def refused(server: Served, token: str) -> httpx.Response:
    with server.http(token) as http:
        return http.get("/api/v1/runs")


def test_it_is_void_once_its_attempt_is_over(server: Served, job: Job) -> None:
    with server.run(job.token) as mine:
        mine.report(job.run.id, 1, "lost", "killed")
    answer = refused(server, flow_token(job.token))
    assert (answer.status_code, answer.json()["code"]) == (409, "fenced")
    with server.admin() as admin, server.worker() as worker:
        admin.retry(job.run.id)
        (again,) = worker.claim(worker_id="w1", key="again", slots=1, wait=5)
    assert refused(server, flow_token(job.token)).status_code == 409, "the next attempt has a token of its own"
    assert refused(server, flow_token(again.token)).status_code == 200


def test_it_is_void_once_its_claim_is_taken_back(server: Served, job: Job) -> None:
    with server.worker() as worker:
        register(worker)
    assert refused(server, flow_token(job.token)).status_code == 409


def test_a_guessed_one_is_nobodys(server: Served) -> None:
    assert refused(server, "tn_flow_" + "A" * 43).status_code == 401
