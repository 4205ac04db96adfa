"""A server that answers 500, 503, 409, slowly or not at all: pages say so, keep what was typed, go on by themselves.

What the server does wrong is put between it and the page; the server itself is a real one.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser import journals
from tests.browser.conftest import PHONE, picture, watched
from tests.browser.journals import BEGUN, DONE, execute, failing, log, many_lines
from tests.serving import PROJECT, Served, deployment, served
from turnout.core.snapshot import ScheduleSpec
from turnout.server.routes.ui import PAGES

API = re.compile(r"/api/v1/(?!live)")
EVERYTHING = re.compile(r"/api/v1/")
AT_ONCE = 4
TRY_AGAIN = """for (const button of document.querySelectorAll('main button')) {
    if (button.textContent === 'Try again') button.click();
}"""
NOISE = "Failed to load resource|ERR_|EventSource|dynamically imported module"
"""What a browser itself says of every answer that is an error."""
HTML = {"status": 502, "content_type": "text/html", "body": "<h1>Bad Gateway</h1>"}
BUSY = {
    "status": 503,
    "content_type": "application/problem+json",
    "body": '{"type":"urn:turnout:store_locked","title":"Service Unavailable","status":503,"code":"store_locked",'
    '"detail":"the database is busy","fix":"try again in a moment"}',
}
EMPTY = {"status": 500, "body": ""}
FAR = deployment("far", pool="far")
"""Nothing takes its runs."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("server")) as found:
        with found.admin() as api:
            daily = ScheduleSpec(slug="daily", cron="0 6 * * *", timezone="America/New_York")
            load = deployment("load", schedules=(daily,), tags=("nightly",))
            journals.deploy(api, "a" * 40, {"flows/load.py": "def main():\n    ...\n"}, load, deployment("turf"), FAR)
            execute(found, api, "load", failing(), name="broken")
        yield found


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with watched(context, but=NOISE) as found:
        yield found


@pytest.fixture(scope="module")
def addresses(server: Served) -> list[str]:
    """Every page, and every tab that asks for something of its own."""
    with server.http(server.token()) as http:
        [run, *_] = http.get("/api/v1/runs", params={"project": PROJECT.project, "state": "failed"}).json()["items"]
    found = [page.replace("{id}", run["id"]).replace("{name}", "load") for page in PAGES]
    return [*found, "/deployments/load?tab=code", "/settings?tab=secrets"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [(EMPTY, "The server failed"), (HTML, "What stands before the server")],
    ids=["500", "502"],
)
def test_a_page_says_what_failed(page: Page, answer: Mapping[str, Any], sentence: str) -> None:
    page.route(API, partial(_answer, answer))
    page.goto("/")
    _failed_and_goes_on([page], re.compile(sentence))


def test_every_page_says_what_failed_and_goes_on(context: BrowserContext, addresses: list[str]) -> None:
    """Some at once: a page waits a moment before it says that something failed."""
    for start in range(0, len(addresses), AT_ONCE):
        context.route(EVERYTHING, partial(_answer, BUSY))
        with ExitStack() as opened:
            pages = []
            for where in addresses[start : start + AT_ONCE]:
                pages.append(opened.enter_context(watched(context, but=NOISE)))
                pages[-1].goto(where, wait_until="commit")
            _failed_and_goes_on(pages, re.compile("the database is busy", re.IGNORECASE))


def _failed_and_goes_on(pages: list[Page], sentence: re.Pattern[str]) -> None:
    for page in pages:
        expect(page.get_by_role("main").get_by_role("alert").first).to_contain_text(sentence)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        path = re.sub(r"[0-9a-f]{32}", "one", page.url.partition("//")[2].partition("/")[2])
        picture(page, f"bad-{re.sub('[^a-z]+', '-', path).strip('-') or 'home'}")
        page.unroute_all()
    pages[0].context.unroute_all()
    for page in pages:
        page.evaluate(TRY_AGAIN)
        expect(page.get_by_role("main").get_by_text(sentence)).to_have_count(0)
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)


def test_pages_go_on_by_themselves(page: Page, context: BrowserContext, server: Served) -> None:
    """One that had nothing yet, one that says that what it shows may be old, and one of a run that goes on."""
    with server.admin() as api:
        job = execute(server, api, "load", [BEGUN, log("before")])
        page.goto("/runs")
        expect(page.get_by_role("link", name="broken")).to_be_visible()
        with watched(context, but=NOISE) as empty, watched(context, but=NOISE) as run:
            run.goto(f"/runs/{job.run.id}")
            expect(run.get_by_test_id("why")).to_contain_text("Running")
            context.route(API, partial(_answer, BUSY))
            empty.goto("/runs")
            expect(empty.get_by_role("alert")).to_contain_text("try again in a moment")
            journals.ship(server, job, [*DONE], 3)
            for each in (page, run):
                expect(each.get_by_text("This may be out of date: the database is busy").first).to_be_visible()
            expect(page.get_by_role("link", name="broken")).to_be_visible()
            picture(page, "bad-stale")
            expect(run.get_by_test_id("why")).to_contain_text("Running")
            picture(run, "bad-stale-run")
            context.unroute(API)
            for each in (page, empty):
                expect(each.get_by_role("row").filter(has_text=job.run.name)).to_contain_text("Completed")
                expect(each.get_by_text("This may be out of date")).to_have_count(0)
            expect(run.get_by_test_id("why")).to_contain_text("Completed")


def test_a_slow_server_is_waited_for_and_said_to_be(page: Page) -> None:
    held: list[Route] = []
    page.route(API, lambda route: held.append(route))
    page.goto("/deployments")
    expect(page.locator("main [aria-busy=true]")).to_be_visible()
    expect(page.get_by_text("The server takes long to answer; still waiting.")).to_be_visible()
    expect(page.get_by_role("heading", name="Deployments", level=1)).to_be_visible()
    picture(page, "bad-slow")
    while held:
        held.pop().continue_()
    page.unroute(API)
    expect(page.get_by_role("main").get_by_role("link", name="load", exact=True)).to_be_visible()


def test_a_server_that_is_gone_is_told_on_a_phone_too(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/runs")
    expect(page.get_by_role("link", name="broken")).to_be_visible()
    page.context.route("**/*", lambda route: route.abort("connectionrefused"))
    page.get_by_label("Search runs by name").fill("brok")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.get_by_label("Search runs by name")).to_have_value("brok")
    picture(page, "bad-gone-phone")
    page.context.unroute("**/*")
    expect(page.get_by_text("The server does not answer.")).to_have_count(0)
    expect(page.get_by_role("link", name="broken")).to_be_visible()


def test_a_page_whose_file_does_not_come_keeps_its_frame(page: Page) -> None:
    page.goto("/runs")
    expect(page.get_by_role("link", name="broken")).to_be_visible()
    page.context.route("**/*", lambda route: route.abort("connectionrefused"))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Calendar").click()
    expect(page.get_by_role("heading", name="This page could not be loaded")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_text("The server cannot be reached").first).to_be_visible()
    picture(page, "bad-no-file")
    page.context.unroute("**/*")
    expect(page.get_by_role("heading", name="Calendar")).to_be_visible()


def test_a_form_keeps_what_was_typed_while_the_server_fails(page: Page, server: Served) -> None:
    page.goto("/deployments/far?tab=run")
    page.get_by_label("States", exact=True).fill("7")
    page.get_by_label("Name").fill("by hand")
    for answer, sentence in ((EMPTY, "The server failed"), (BUSY, "the database is busy")):
        page.route(API, partial(_answer, answer))
        page.get_by_role("button", name="Start run").click()
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        expect(page.get_by_label("States", exact=True)).to_have_value("7")
        page.unroute(API)
    page.route(API, lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Start run").click()
    expect(page.get_by_role("alert").filter(has_text="The server cannot be reached")).to_be_visible()
    picture(page, "bad-form")
    page.unroute(API)
    page.get_by_role("button", name="Start run").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("by hand")


def test_an_answer_that_was_lost_starts_no_second_run(page: Page, server: Served) -> None:
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort("connectionreset")

    page.goto("/deployments/far?tab=run")
    page.get_by_label("Name").fill("only one")
    page.route(re.compile("/deployments/far/runs"), lose_first)
    page.get_by_role("button", name="Start run").click()
    expect(page.get_by_role("alert").filter(has_text="The server cannot be reached")).to_be_visible()
    assert lost == [201]
    page.get_by_role("button", name="Start run").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("only one")
    with server.http(server.token()) as http:
        rows = http.get("/api/v1/runs", params={"project": PROJECT.project, "deployment": "far"}).json()["items"]
    assert [row["name"] for row in rows].count("only one") == 1


def test_going_back_shows_what_somebody_else_deployed_meanwhile(page: Page, server: Served) -> None:
    with server.admin() as api:
        journals.deploy(api, "b" * 40, {}, deployment("load", retries=1), deployment("turf"), FAR, message="Try twice")
        page.goto("/changes?release=1")
        page.get_by_role("button", name="Roll back to it…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("deployment load")).to_be_visible()
        hidden = deployment("only-now")
        journals.deploy(
            api, "c" * 40, {}, deployment("load", retries=1), deployment("turf"), FAR, hidden, message="One more"
        )
    dialog.get_by_role("button", name="Roll back", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("release")
    expect(dialog.get_by_text("deployment only-now removed")).to_be_visible()
    picture(page, "conflict-rollback")
    dialog.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_text("Release 1 is deployed again")).to_be_visible()


def test_a_variable_that_somebody_else_set_meanwhile_is_shown(page: Page, server: Served) -> None:
    page.goto("/settings")
    page.get_by_role("button", name="Set a variable").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("quota")
    dialog.get_by_label("Value").fill("my long text")
    page.route(API, lambda route: route.continue_() if route.request.method == "PUT" else route.abort())
    with server.http(server.token()) as http:
        where = {"project": PROJECT.project}
        http.put("/api/v1/values/variable/quota", params=where, json={"content": 12}).raise_for_status()
    dialog.get_by_role("button", name="Set", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("is set already")
    page.unroute(API)
    expect(dialog.get_by_text("It was set to 12 by admin.")).to_be_visible()
    expect(dialog.get_by_label("Value")).to_have_value("my long text")
    picture(page, "conflict-variable")


def test_a_run_that_somebody_else_ran_again_keeps_the_form(page: Page, server: Served) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", failing(), name="twice")
        page.goto(f"/runs/{job.run.id}")
        page.get_by_role("button", name="With changes…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("States", exact=True).fill("9")
        page.route(API, lambda route: route.continue_() if route.request.method == "POST" else route.abort())
        api.retry(job.run.id)
    dialog.get_by_role("button", name="Run from where it failed").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    page.unroute(API)
    expect(dialog.get_by_text("It cannot be run again now")).to_be_visible()
    expect(dialog.get_by_label("States", exact=True)).to_have_value("9")
    picture(page, "conflict-rerun")


def test_a_log_is_asked_for_calmly_and_goes_on_where_it_was(page: Page, server: Served) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", many_lines(3_000))
    asked: list[str] = []
    page.goto(f"/runs/{job.run.id}?tab=log")
    expect(page.locator("[data-row='3']")).to_contain_text("line 3 is")
    log_address = re.compile(r"/log(/search)?\?")
    page.route(log_address, lambda route: (asked.append(route.request.url), route.abort("connectionrefused")))
    page.get_by_test_id("log").evaluate("box => { box.scrollTop = 2000 * 20; }")
    expect(page.get_by_text("the server does not answer")).to_be_visible()
    page.get_by_label("Find in the whole log").fill("line 2001 ")
    with page.expect_request(log_address), page.expect_request(log_address):
        page.wait_for_timeout(1)
    assert len(asked) < 12, "asked for with every frame"
    picture(page, "bad-log")
    page.unroute(log_address)
    expect(page.get_by_test_id("hits")).to_have_text("1 of 1")
    expect(page.locator("[data-row='2001']")).to_contain_text("line 2001 is")
    expect(page.get_by_text("the server does not answer")).to_have_count(0)


def _answer(answer: Mapping[str, Any], route: Route) -> None:
    route.fulfill(**answer)
