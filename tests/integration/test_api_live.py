"""News for open pages: told to every page, told again to who was away, never told twice for nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import PROJECT, Served, apply, field_plan, served
from turnout.server import feed


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as found:
        with found.admin() as api:
            apply(api, field_plan())
        yield found


class Page:
    """A page that is open: the events of its stream, one by one."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> tuple[str, int, set[str]]:
        """Event, id and topics of the next event; comments are skipped."""
        said: dict[str, Any] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line == "" and "event" in said:
                return said["event"], int(said.get("id", 0)), set(json.loads(said["data"]).get("topics", ()))
            if name:
                said[name] = value
        raise AssertionError("the stream ended")


def trigger(server: Served, name: str) -> str:
    with server.http(server.token()) as http:
        made = http.post(f"/api/v1/deployments/{name}/runs", params={"project": PROJECT.project}, json={})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


def test_two_pages_hear_of_a_run_at_once(server: Served) -> None:
    live = "/api/v1/live"
    with server.browser() as browser, browser.stream("GET", live) as one, browser.stream("GET", live) as two:
        pages = [Page(one), Page(two)]
        assert one.headers["content-type"].startswith("text/event-stream")
        for page in pages:
            assert page.next()[2] == set(), "where the stream begins"
        run = trigger(server, "export")
        for page in pages:
            assert page.next()[2] == {"runs", f"run:{run}"}


def test_what_happened_while_the_page_was_away_is_told_first(server: Served) -> None:
    with server.browser() as browser:
        with browser.stream("GET", "/api/v1/live") as answer:
            _, seen, _ = Page(answer).next()
        run = trigger(server, "export")
        for how in ({"params": {"after": str(seen)}}, {"headers": {"Last-Event-ID": str(seen)}}):
            with browser.stream("GET", "/api/v1/live", **how) as answer:
                event, last, topics = Page(answer).next()
            assert (event, last > seen) == ("news", True)
            assert {"runs", f"run:{run}", "deployments"} <= topics


def test_who_knows_more_than_there_is_starts_afresh(server: Served) -> None:
    """After a restore the database may be younger than the page."""
    with server.browser() as browser, browser.stream("GET", "/api/v1/live", params={"after": "999999999"}) as answer:
        assert Page(answer).next()[0] == "lost"


def test_a_pause_is_news_of_what_is_deployed(server: Served) -> None:
    with server.browser() as browser, browser.stream("GET", "/api/v1/live") as answer:
        page = Page(answer)
        page.next()
        with server.http(server.token()) as http:
            where = {"project": PROJECT.project}
            assert http.post("/api/v1/deployments/load/pause", params=where, json={}).is_success
            assert http.post("/api/v1/deployments/none/pause", params=where, json={}).status_code == 404
        assert page.next()[2] == {"deployments"}


def test_a_stream_ends_so_that_its_session_is_looked_at(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnout.server.routes.live.STREAM_SECONDS", 0.05)
    with server.browser() as browser, browser.stream("GET", "/api/v1/live") as answer:
        page = Page(answer)
        assert [page.next()[0], page.next()[0]] == ["news", "again"]


def test_a_stream_says_that_it_is_there(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a page could not tell one of which nothing is heard from one that is gone."""
    monkeypatch.setattr("turnout.server.routes.live.SILENCE_SECONDS", 0.05)
    with server.browser() as browser, browser.stream("GET", "/api/v1/live") as answer:
        page = Page(answer)
        assert [page.next()[0], page.next(), page.next()[0]] == ["news", ("here", 0, set()), "here"]


def test_very_many_runs_are_not_named() -> None:
    events = [{"run_id": str(number)} for number in range(feed.NAMED_RUNS + 1)]
    assert feed.topics_of(events) == {"runs", "run:*"}
    assert feed.topics_of(events[:1]) == {"runs", "run:0"}
    assert feed.topics_of([]) == set()


def test_the_stream_of_a_server_that_stops_ends(tmp_path: Path) -> None:
    with served(tmp_path) as server, server.browser() as browser, browser.stream("GET", "/api/v1/live") as answer:
        page = Page(answer)
        page.next()
        server.ready.stop()
        assert page.next()[0] == "again"
