"""What the pages show of what is deployed, over HTTP: inventory, one deployment, code, calendar, credentials."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serving import PROJECT, Served, apply, field_plan, served

WHERE = {"project": PROJECT.project}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("inventory")
    with served(folder) as running:
        with running.admin() as admin:
            apply(admin, field_plan())
            admin.trigger("load", namespace=PROJECT, parameters={"states": 3})
        yield running


@pytest.fixture
def http(server: Served) -> Iterator[httpx.Client]:
    with server.http(server.token()) as client:
        yield client


def test_the_inventory_and_its_table(http: httpx.Client) -> None:
    found = {one["name"]: one for one in http.get("/api/v1/production", params=WHERE).json()}
    assert found["load"]["runs"][0]["state"] == "scheduled"
    assert found["load"]["since"]["number"] == 1
    assert http.get("/api/v1/production", params=WHERE | {"runs": 51}).status_code == 422
    table = http.get("/api/v1/production.csv", params=WHERE)
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["deployment"] for row in rows] == sorted(found)


def test_one_deployment_its_form_and_its_code(http: httpx.Client) -> None:
    shown = http.get("/api/v1/deployments/load/detail", params=WHERE).json()
    assert shown["thing"]["name"] == "load"
    assert shown["deployed"]["number"] == 1
    wrong = http.post("/api/v1/deployments/load/check", params=WHERE, json={"parameters": {"nothing": 1}}).json()
    assert [one["path"] for one in wrong] == [["nothing"]]
    assert http.get("/api/v1/deployments/gone/detail", params=WHERE).status_code == 404
    code = http.get("/api/v1/deployments/load/code", params=WHERE)
    assert (code.status_code, code.json()["code"]) == (404, "not_found")


def test_releases_pools_connections_and_secrets(http: httpx.Client) -> None:
    shown = http.get("/api/v1/releases/1", params=WHERE).json()
    assert shown["newest"] == 1
    assert {one["op"] for one in shown["operations"]} == {"create"}
    for number in ("0", "99", "x", "1" * 30):
        assert http.get(f"/api/v1/releases/{number}", params=WHERE).status_code == 404
    for name in ("pools", "connections", "secrets"):
        assert http.get(f"/api/v1/{name}", params=WHERE).status_code == 200


def test_a_calendar_needs_times_with_a_zone(http: httpx.Client) -> None:
    times = {"start": "2026-11-01T00:00:00Z", "end": "2026-11-08T00:00:00Z"}
    shown = http.get("/api/v1/calendar", params=WHERE | times).json()
    assert shown["total"] == len(shown["expected"])
    for wrong in ({"start": "2026-11-01T00:00:00"}, {"end": "2027-11-01T00:00:00Z"}, {"timezone": "Moon/Base"}):
        assert http.get("/api/v1/calendar", params=WHERE | times | wrong).status_code == 422


def test_a_session_is_listed_and_ended(server: Served, http: httpx.Client) -> None:
    with server.browser() as browser:
        listed = browser.get("/api/v1/credentials").json()
        assert all(set(one) == {"id", "kind", "name", "scope", "created_at", "expires_at"} for one in listed)
        [mine] = [one for one in listed if one["kind"] == "session"]
        assert http.delete(f"/api/v1/credentials/{mine['id']}").status_code == 200
        assert browser.get("/api/v1/credentials").status_code == 401
        assert http.delete(f"/api/v1/credentials/{mine['id']}").status_code == 404
