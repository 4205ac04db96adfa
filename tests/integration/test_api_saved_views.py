"""Views of the list of runs that everybody of a project shares, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import PROJECT, Served, served
from turnout.core.limits import SAVED_VIEWS

WHERE = {"project": PROJECT.project}
VIEWS = "/api/v1/saved-views"
QUERY = "?state=%5B%22failed%22%5D"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def http(server: Served) -> Iterator[httpx.Client]:
    with server.http(server.token()) as client:
        yield client


def save(http: httpx.Client, name: str, query: str = QUERY) -> dict[str, Any]:
    answer = http.post(VIEWS, params=WHERE, json={"name": name, "query": query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(http: httpx.Client, **where: str) -> list[str]:
    return [view["name"] for view in http.get(VIEWS, params=WHERE | where).json()]


def test_a_view_is_saved_for_everybody_renamed_and_deleted(server: Served, http: httpx.Client) -> None:
    kept = save(http, "  Failed   last night ")
    assert (kept["name"], kept["query"], kept["author"]) == ("Failed last night", QUERY, "admin:admin")
    with server.browser() as colleague:
        [seen] = colleague.get(VIEWS, params=WHERE).json()
        assert seen == kept
        change, own = {"name": "Failed overnight"}, {"Origin": server.url}
        renamed = colleague.put(f"{VIEWS}/{kept['id']}", params=WHERE, json=change, headers=own).json()
    assert (renamed["name"], renamed["query"], renamed["author"]) == ("Failed overnight", QUERY, "admin:admin")
    assert renamed["changed_by"].startswith("session:")
    assert renamed["created_at"] == kept["created_at"]
    changed = http.put(f"{VIEWS}/{kept['id']}", params=WHERE, json={"query": "?tag=van"}).json()
    assert (changed["name"], changed["query"]) == ("Failed overnight", "?tag=van")
    assert http.delete(f"{VIEWS}/{kept['id']}", params=WHERE).status_code == 200
    assert listed(http) == []
    for method in ("PUT", "DELETE"):
        gone = http.request(method, f"{VIEWS}/{kept['id']}", params=WHERE, json={})
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_views_come_by_name_and_names_are_not_shared(http: httpx.Client) -> None:
    for name in ("turf", "Load", "crashed"):
        save(http, name)
    assert listed(http) == ["crashed", "Load", "turf"]
    assert listed(http, environment="staging") == []
    assert listed(http, project="other") == []
    again = http.post(VIEWS, params=WHERE, json={"name": "LOAD", "query": QUERY})
    assert again.status_code == 409
    assert "there is a view 'Load' already, by admin:admin" in again.text
    first = http.get(VIEWS, params=WHERE).json()[0]
    assert http.put(f"{VIEWS}/{first['id']}", params=WHERE, json={"name": "turf"}).status_code == 409
    assert http.put(f"{VIEWS}/{first['id']}", params=WHERE, json={"name": "Crashed"}).json()["name"] == "Crashed"


@pytest.mark.parametrize(
    ("name", "query"), [("", "?a"), ("x" * 61, "?a"), ("a\x00b", "?a"), ("a", "state"), ("a", "?" + "x" * 4000)]
)
def test_what_is_no_view_is_refused(http: httpx.Client, name: str, query: str) -> None:
    assert http.post(VIEWS, params=WHERE, json={"name": name, "query": query}).status_code == 422
    assert listed(http) == []


def test_there_is_an_end_to_them(http: httpx.Client) -> None:
    for number in range(SAVED_VIEWS):
        save(http, f"view {number}")
    refused = http.post(VIEWS, params=WHERE, json={"name": "one more", "query": QUERY})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_no_client_sets_one_as_a_value(http: httpx.Client) -> None:
    kept = save(http, "Load")
    address = f"/api/v1/values/view/{kept['id']}"
    assert http.put(address, params=WHERE, json={"content": {}, "replace": True}).status_code == 422
    assert http.get("/api/v1/values/view", params=WHERE).status_code == 422
