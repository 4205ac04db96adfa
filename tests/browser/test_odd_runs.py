"""Runs of odd sizes and with odd signs in them: no tasks, a hundred thousand, all parameters that fit, broken UTF-8."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import journals
from tests.browser.conftest import picture
from tests.browser.journals import AT, BEGUN, DONE, execute, log, task
from tests.browser.test_runs import FRAME_MS, scrolled
from tests.serving import Served, deployment, served

MANY = 100_000
PORTION = 50_000
SCHEMA = {
    "type": "object",
    "properties": {"table": {"type": "string"}},
    "additionalProperties": True,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("server")) as found:
        with found.admin() as api:
            journals.deploy(api, "a" * 40, {}, deployment("load", parameter_schema=SCHEMA))
        yield found


def test_a_run_without_tasks_says_so_everywhere(server: Served, page: Page) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", [BEGUN, *DONE])
    for tab, words in (
        ("timeline", "No tasks yet"),
        ("graph", "No tasks yet"),
        ("log", "Nothing was logged."),
        ("attempts", "Attempt 1"),
    ):
        page.goto(f"/runs/{job.run.id}?tab={tab}")
        expect(page.get_by_role("tabpanel").get_by_text(words).first).to_be_visible()


def columns_of(first: int, count: int) -> dict[str, Any]:
    """So many tasks from number `first` on as the server tells them; every tenth failed."""
    numbers = range(first, first + count)
    last = first + count > MANY
    return {
        "origin": int(AT * 1000),
        "states": ["completed", "failed"],
        "names": [f"step_{number}" for number in range(12)],
        "flows": [],
        "upstream": [],
        "name": [number % 12 for number in numbers],
        "number": list(numbers),
        "parent": [0] * count,
        "state": [int(number % 10 == 9) for number in numbers],
        "tries": [1] * count,
        "created": [number * 5 for number in numbers],
        "started": [number * 5 + 1 for number in numbers],
        "ended": [number * 5 + 300 for number in numbers],
        "next": None if last else first + count - 1,
    }


def test_a_hundred_thousand_tasks_stay_usable(server: Served, page: Page) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", [BEGUN, *task(1, "step_1", 0, 1), *DONE])
    with server.http(server.token()) as http:
        real = http.get(f"/api/v1/views/runs/{job.run.id}/tasks", params={"attempt": 1}).json()
    assert real.keys() == columns_of(1, 1).keys(), "the answer that is put in its place"

    def answer(route: Route) -> None:
        after = int(re.search(r"after=(\d+)", route.request.url)[1])  # type: ignore[index]
        route.fulfill(content_type="application/json", body=json.dumps(columns_of(after + 1, PORTION)))

    page.route(re.compile(r"/views/runs/\w+/tasks"), answer)
    page.goto(f"/runs/{job.run.id}?tab=timeline")
    expect(page.get_by_text("100,000 tasks · 10,000 failed")).to_be_visible()
    picture(page, "run-100000")
    assert scrolled(page, "timeline") < FRAME_MS
    page.get_by_role("button", name="Next failure").click()
    expect(page).to_have_url(re.compile("task=9$"))
    page.get_by_role("button", name="Whole run").click()
    picture(page, "run-100000-whole")
    page.get_by_role("button", name="As a table").click()
    expect(page.get_by_text("1 to 200 of 100,000")).to_be_visible()
    page.get_by_role("button", name="Only failed").click()
    expect(page.get_by_text("1 to 200 of 10,000")).to_be_visible()


def test_all_the_parameters_that_fit_are_shown_and_run_again(server: Served, page: Page) -> None:
    values = {"table": "x" * 200_000, "more": {f"key {number}": "y" * 40 for number in range(800)}}
    with server.admin() as api:
        job = execute(server, api, "load", [BEGUN, *DONE], parameters=values)
        page.goto(f"/runs/{job.run.id}")
        expect(page.get_by_role("complementary", name="Facts")).to_contain_text("xxxx")
        picture(page, "run-256k")
        page.get_by_role("button", name="Run again…").click()
        field = page.get_by_role("dialog").get_by_role("textbox", name="Table")
        expect(field).to_have_value(values["table"])
        picture(page, "run-256k-again")
        page.get_by_role("dialog").get_by_text("Everything").click()
        page.get_by_role("button", name="Run everything").click()
        expect(page.get_by_text("A new attempt is on its way")).to_be_visible()
        assert api.run(job.run.id).parameters == values
        journals.tell(server, [BEGUN, *DONE])


ODD = "caf\ufffd \u202enoitcele\u202c \u200b \x00\x07 \U0001f5f3\ufe0f half \ud83d a\u0301"


def test_broken_text_is_shown_and_breaks_nothing(server: Served, page: Page) -> None:
    with server.admin() as api:
        api.trigger("load", namespace=journals.PROJECT, name="caf\u00e9 \u202enoitcele", tags=["\u202egat"])
    entries = [
        BEGUN,
        log(ODD),
        *task(1, f"load {ODD}", 0, 1, "failed", error={"type": ODD, "message": ODD}),
        log("after"),
    ]
    job = journals.tell(server, [*entries, *DONE])
    for tab, words in (("overview", "half"), ("log", "after"), ("timeline", "1 task"), ("graph", "load caf")):
        page.goto(f"/runs/{job.run.id}?tab={tab}")
        expect(page.get_by_role("tabpanel")).to_contain_text(words)
        picture(page, f"run-odd-{tab}")
    page.goto("/runs")
    expect(page.get_by_role("row").filter(has_text="caf\u00e9")).to_contain_text("Completed")
