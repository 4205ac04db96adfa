"""Pages in a real browser: the system's chromium over a real server, with the UI built from these sources.

Without chromium these tests are skipped, but never in CI. `tests/browser` is what `./dev test tests/browser` runs. What
the pages look like is kept in `.browser/`, git-ignored: pictures with names of their own, and for every test that takes
none, or that fails, one of each page as it was left: `end-<test>.png`, `failed-<test>.png`. CI keeps them all.
"""

import fcntl
import os
import re
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.browser.journals import deploy
from tests.serving import Served, served

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / ".browser"
PATIENCE_MS = 30_000
"""A machine under load is slow: this only bounds how long a failure takes."""
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 380, "height": 780}

expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str | None:
    """The system's browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session", autouse=True)
def built_ui() -> None:
    """The UI as these sources make it, and axe beside it. Several test processes build it once."""
    if chromium() is None:
        _missing("chromium is not installed (Debian: apt-get install chromium)")
    sys.path.insert(0, str(ROOT))
    try:
        import hatch_build
    finally:
        sys.path.remove(str(ROOT))
    PICTURES.mkdir(exist_ok=True)
    with (PICTURES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        hatch_build.install(for_developers=True)
        hatch_build.build()


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


# Not for the whole session: while it runs, no other test of the process could start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Without a sandbox: tests run as root in containers, and only see pages of their own server.
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two deployments, `load` and `turf`."""
    with served(tmp_path_factory.mktemp("server")) as found:
        with found.admin() as api:
            deploy(api, "8970c6b", {"flows/load.py": "from turnout import flow\n"})
        yield found


@pytest.fixture
def context(browser: Browser, server: Served) -> Iterator[BrowserContext]:
    """A logged-in browser on a desktop."""
    with logged_in(browser, server) as found:
        yield found


@pytest.fixture
def page(context: BrowserContext, server: Served) -> Iterator[Page]:
    """A page that has not gone anywhere yet; whatever it says on its console that is an error fails the test."""
    with watched(context) as found:
        yield found


@contextmanager
def logged_in(browser: Browser, server: Served, **options: object) -> Iterator[BrowserContext]:
    """A browser of its own that has redeemed a login link; options as `Browser.new_context` has them."""
    made = browser.new_context(**{"viewport": DESKTOP, "base_url": server.url, **options})  # type: ignore[arg-type]
    made.set_default_timeout(PATIENCE_MS)
    try:
        with server.admin() as api:
            answer = made.request.get(api.login_link(), max_redirects=0)
            assert answer.status == 303, answer.text()
        yield made
    finally:
        made.close()


@contextmanager
def watched(context: BrowserContext, *, but: str = "") -> Iterator[Page]:
    """A new page of which no console error and no uncaught exception is accepted, but those that match `but`."""
    said: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{message.type}: {message.text}")

    def on_error(error: Error) -> None:
        said.append(f"exception: {error}")

    page = context.new_page()
    page.on("console", on_console)
    page.on("pageerror", on_error)
    try:
        yield page
    except BaseException:
        _failed.add(_test())
        raise
    finally:
        _last_picture(page)
        page.close()
    wrong = [text for text in said if not (but and re.search(but, text))]
    assert not wrong, wrong


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like as `.browser/<name>.png`."""
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    _pictured.add(_test())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember what failed: a page that is a fixture is not told."""
    report = yield
    if report.failed:
        _failed.add(_named(item.nodeid))
    return report


_pictured: set[str] = set()
"""The tests that kept a picture."""
_failed: set[str] = set()


def _last_picture(page: Page) -> None:
    test = _test()
    if test in _pictured - _failed:
        return
    kind = "failed" if test in _failed else "end"
    with suppress(Error):  # of a page that is gone there is none
        page.screenshot(path=str(PICTURES / f"{kind}-{test}.png"), timeout=5000)


def _test() -> str:
    """The test that runs."""
    return _named(os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0])


def _named(test: str) -> str:
    """A test's id as a file name."""
    return re.sub(r"[^\w-]+", "-", test.partition("::")[2].removeprefix("test_")).strip("-")
