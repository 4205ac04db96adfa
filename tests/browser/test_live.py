"""Open pages stay true: two tabs, a server that restarts, a session that ends; and the keyboard does things."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import logged_in, picture, watched
from tests.browser.journals import AT, BEGUN, DONE, deploy, execute, tell
from tests.browser.proxies import stripping
from tests.serving import Served, served

CODE = {"flows/load.py": "from turnout import flow\n"}
BROKEN = {"error": {"type": "ValueError", "message": "the disk is full"}}


def command(page: Page, words: str) -> None:
    """Do something by name."""
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill(words)
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")


def test_two_tabs_are_live_at_once(context: BrowserContext, server: Served) -> None:
    with watched(context) as one, watched(context) as two:
        for page in (one, two):
            page.goto("/")
            expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
        command(one, "run load now")
        expect(one.get_by_text("Started load")).to_be_visible()
        tell(server, [BEGUN, ["s", 0, "failed", AT + 2, BROKEN], ["e", AT + 2]])
        for page in (one, two):
            expect(page.get_by_text("ValueError: the disk is full")).to_be_visible()
        picture(two, "home-live")
        one.get_by_role("listitem").filter(has_text="disk is full").get_by_role("button", name="Acknowledge").click()
        for page in (one, two):
            expect(page.get_by_text("ValueError: the disk is full")).to_have_count(0)
            expect(page.get_by_role("button", name="Show 1 quiet one")).to_be_visible()
        two.get_by_role("button", name="Show 1 quiet one").click()
        expect(two.get_by_text("ValueError: the disk is full")).to_be_visible()
        two.get_by_role("button", name="Bring back").click()
        expect(one.get_by_text("ValueError: the disk is full")).to_be_visible()
        with server.admin() as api:
            execute(server, api, "load", [BEGUN, *DONE])
        for page in (one, two):
            expect(page.get_by_text("ValueError: the disk is full")).to_have_count(0)


def test_keys_lead_everywhere(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    picture(page, "keys")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("open load")
    picture(page, "palette")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/deployments/load")
    page.go_back()
    expect(page).to_have_title("Runs · Turnout")


def test_a_session_that_ends_takes_nothing_from_the_page(browser: Browser, server: Served) -> None:
    with logged_in(browser, server) as context, watched(context, but="401") as page:
        page.goto("/runs")
        field = page.get_by_label("Search runs by name")
        expect(field).to_be_visible()
        context.clear_cookies()
        field.fill("what I typed")
        field.press("Enter")
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
        expect(field).to_have_value("what I typed")
        picture(page, "session-ended")
        with server.admin() as api, watched(context) as other:
            other.goto(api.login_link())
        expect(page.get_by_text("Your session has ended.")).to_have_count(0)
        expect(field).to_have_value("what I typed")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_an_open_page_outlives_its_server(browser: Browser, tmp_path: Path, port: int) -> None:
    with served(tmp_path, port=port) as server:
        with server.admin() as api:
            deploy(api, "8970c6b", CODE)
        context = logged_in(browser, server)
        entered = context.__enter__()
        page = entered.new_page()
        page.goto("/")
        expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    try:
        expect(page.get_by_text("Not live")).to_be_visible()
        expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
        with served(tmp_path, port=port) as again:
            expect(page.get_by_text("Not live")).to_have_count(0)
            with again.admin() as api:
                execute(again, api, "turf", [BEGUN, ["s", 0, "failed", AT + 2, BROKEN], ["e", AT + 2]])
            expect(page.get_by_text("ValueError: the disk is full")).to_be_visible()
    finally:
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that a proxy shows at a path of its own, and that hands the path on."""
    with served(tmp_path_factory.mktemp("below"), root_path="/some/prefix") as found:
        with found.admin() as api:
            deploy(api, "8970c6b", CODE)
            execute(found, api, "load", [BEGUN, *DONE])
        yield found


def test_it_works_below_a_path(browser: Browser, below: Served) -> None:
    with logged_in(browser, below) as context, watched(context) as page:
        outside: list[str] = []
        page.on("request", lambda asked: None if "/some/prefix/" in asked.url else outside.append(asked.url))
        page.goto("/some/prefix/")
        expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
        page.get_by_role("link", name="Runs", exact=True).click()
        expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()  # home links to deployments
        page.get_by_role("main").get_by_role("link", name="load").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("load")
        assert "/some/prefix/runs/" in page.url
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_contain_text("load")
        page.goto("/some/prefix/status")
        page.get_by_role("link", name="load").first.click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_text("turnout login")).to_be_visible()
        assert outside == []


def test_it_works_behind_a_proxy_that_takes_its_path_away(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path, root_path="/some/prefix") as server, stripping(server.url, "/some/prefix") as address:
        with server.admin() as api:
            deploy(api, "8970c6b", CODE)
            link = api.login_link()
        context = browser.new_context()
        with watched(context) as page:
            page.goto(f"{address}/login?{link.partition('?')[2]}")
            expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
            assert page.url == f"{address}/"
            with server.admin() as api:
                execute(server, api, "turf", [BEGUN, ["s", 0, "failed", AT + 2, BROKEN], ["e", AT + 2]])
            # Told by the stream of news, which a proxy hands on as it comes.
            expect(page.get_by_text("ValueError: the disk is full")).to_be_visible()
            page.get_by_role("main").get_by_role("link", name="turf").first.click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("turf")
            page.reload()
            expect(page.get_by_role("heading", level=1)).to_contain_text("turf")
            expect(page.get_by_text("Not live")).to_have_count(0)
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_text("turnout login")).to_be_visible()
            assert page.url.startswith(f"{address}/")
        context.close()
