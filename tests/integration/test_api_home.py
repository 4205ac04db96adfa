"""What the first page says: failures by cause until a later run completes, what is late, what somebody marked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.journals import AT, BEGUN, DONE, execute
from tests.serving import PROJECT, Served, apply, field_plan, register, served
from turnout.core.source import SourceReport

WHERE = {"project": PROJECT.project}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as found:
        with found.admin() as api:
            apply(api, field_plan())
        with found.worker() as api:
            register(api)
        yield found


@pytest.fixture
def http(server: Served) -> Iterator[httpx.Client]:
    with server.http(server.token()) as client:
        yield client


def home(http: httpx.Client) -> dict[str, Any]:
    answer = http.get("/api/v1/views/home", params=WHERE)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def causes(http: httpx.Client, kind: str) -> list[dict[str, Any]]:
    return [cause for cause in home(http)["causes"] if cause["kind"] == kind]


def run(server: Served, name: str, error: str | None) -> str:
    """A run of a deployment that fails with this error; without one, it completes."""
    problem = {"error": {"type": "ValueError", "message": error}}
    ending = DONE if error is None else (["s", 0, "failed", AT + 2, problem], ["e", AT + 2])
    with server.admin() as api:
        return execute(server, api, name, [BEGUN, *ending]).run.id


def test_failures_of_one_cause_are_one_line_whatever_their_numbers(server: Served, http: httpx.Client) -> None:
    first = run(server, "load", "no row 17 in 0xfeed\nTraceback")
    second = run(server, "turf", "no row 18 in 0xbeef")
    other = run(server, "load", "quite another thing")
    found = causes(http, "failed")
    assert [(cause["count"], cause["deployments"]) for cause in found] == [(1, ["load"]), (2, ["turf", "load"])]
    assert run(server, "load", None)
    assert [(cause["count"], cause["deployments"]) for cause in causes(http, "failed")] == [(1, ["turf"])], (
        "load is well"
    )
    assert found[1]["title"] == "ValueError: no row 18 in 0xbeef"
    assert [one["id"] for one in found[1]["runs"]] == [second, first]
    assert [one["id"] for one in found[0]["runs"]] == [other]


def test_a_cause_names_the_newest_run_of_each_deployment(server: Served, http: httpx.Client) -> None:
    """They are what runs again: more runs of one deployment must not hide another one."""
    turf = run(server, "turf", "the disk is full")
    load = [run(server, "load", "the disk is full") for _ in range(6)]
    [cause] = causes(http, "failed")
    assert (cause["count"], [one["id"] for one in cause["runs"]]) == (7, [load[-1], turf])


def test_what_was_seen_is_quiet_until_it_shows_again(server: Served, http: httpx.Client) -> None:
    run(server, "load", "the disk is full")
    [cause] = causes(http, "failed")
    address = f"/api/v1/attention/{cause['id']}"
    assert http.put(address, params=WHERE, json={}).is_success
    assert causes(http, "failed") == []
    [quiet] = home(http)["quiet"]
    assert (quiet["id"], quiet["mark"]["by"]) == (cause["id"], "admin:admin")
    run(server, "load", "the disk is full")
    assert [again["count"] for again in causes(http, "failed")] == [2]
    assert http.delete(address, params=WHERE).is_success
    assert http.delete(address, params=WHERE).status_code == 404


def test_what_was_put_off_stays_quiet_though_it_shows_again(server: Served, http: httpx.Client) -> None:
    run(server, "load", "the disk is full")
    [cause] = causes(http, "failed")
    address = f"/api/v1/attention/{cause['id']}"
    until = datetime.now(UTC) + timedelta(hours=1)
    assert http.put(address, params=WHERE, json={"until": until.isoformat()}).is_success
    run(server, "load", "the disk is full")
    assert causes(http, "failed") == []
    assert http.put(address, params=WHERE, json={"until": (until - timedelta(hours=2)).isoformat()}).is_success
    assert len(causes(http, "failed")) == 1, "its time is over"
    assert http.put(address, params=WHERE, json={"until": "2026-01-01T00:00:00"}).status_code == 422
    assert http.put("/api/v1/attention/nothing", params=WHERE, json={}).status_code == 422


def test_a_pool_without_workers_needs_attention(server: Served, http: httpx.Client) -> None:
    found = causes(http, "worker")
    assert [(cause["pool"], cause["deployments"]) for cause in found] == [("heavy", ["heavy"])]
    assert home(http)["workers_online"] == 1


def test_the_day_by_the_hour_and_what_comes_next(server: Served, http: httpx.Client) -> None:
    failed = run(server, "load", "x")
    http.post("/api/v1/deployments/export/runs", params=WHERE, json={})
    seen = home(http)
    assert [(cell[0], cell[2], cell[3]) for cell in seen["hours"]] == [
        ("export", "scheduled", 1),
        ("load", "failed", 1),
    ]
    assert seen["hours"][1][4] == failed
    assert seen["complete"] is True
    assert seen["deployments"] == ["export", "heavy", "load", "turf"]
    assert [one["deployment"] for one in seen["next_up"]] == ["load"]
    assert seen["states"] == {"scheduled": 1}
    assert http.post("/api/v1/deployments/load/pause", params=WHERE, json={}).is_success
    assert home(http)["next_up"] == [], "what is paused does not come"
    assert home(http)["paused"] == ["load"]


def test_a_commit_that_changes_nothing_is_told(server: Served, http: httpx.Client) -> None:
    refused = SourceReport(
        state="refused",
        repository="https://git.example.org/field.git",
        branch="main",
        commit="c" * 40,
        project=PROJECT.project,
        problems=("error: importing load.py failed: SyntaxError\n  where: load.py:3\n  fix: correct the line",),
    )
    with server.admin() as api:
        api.report_source(refused)
        (cause,) = causes(http, "source")
        words = "commit cccccccccc of main changes nothing: importing load.py failed: SyntaxError (load.py:3)"
        assert (cause["title"], cause["count"]) == (words, 0)
        assert words in http.get("/status").text
        api.report_source(replace(refused, state="unreachable", commit=None, problems=("it does not answer",)))
        assert [cause["title"] for cause in causes(http, "source")] == ["no news of main: it does not answer"]
        api.report_source(replace(refused, project="another"))
        assert causes(http, "source") == []
        api.report_source(replace(refused, state="applied", problems=()))
        assert causes(http, "source") == []
        assert "changes nothing" not in http.get("/status").text
