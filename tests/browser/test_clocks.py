"""A browser whose clock is an hour off shows the same as one whose clock is right."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import journals
from tests.browser.conftest import logged_in, picture, watched
from tests.browser.journals import BEGUN, DONE, execute
from tests.serving import PROJECT, Served, deployment, served
from turnout.core.snapshot import ScheduleSpec

LATER = ScheduleSpec(slug="later", every=5 * 3600)
RECENT = re.compile(r"just now|\d s ago|\d min ago")
SHORT = re.compile(r"\d(\.\d)? (ms|s|min)")
SKEWS = {"an hour slow": -1, "an hour fast": 1, "a day fast": 26}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("server")) as found:
        with found.admin() as api:
            load = deployment("load", schedules=(LATER,))
            journals.deploy(api, "a" * 40, {}, load, deployment("turf"))
            execute(found, api, "turf", [BEGUN, *DONE], name="over")
            execute(found, api, "load", [BEGUN], name="goes on")
        yield found


@pytest.fixture(params=SKEWS.values(), ids=SKEWS.keys())
def page(request: pytest.FixtureRequest, browser: Browser, server: Served) -> Iterator[Page]:
    with logged_in(browser, server, timezone_id="UTC") as context, watched(context) as found:
        found.clock.install(time=datetime.now(UTC) + timedelta(hours=request.param))
        yield found


def test_ages_durations_next_runs_and_today_are_the_servers(page: Page, server: Served) -> None:
    page.goto("/runs?since=1h")
    assert abs(page.evaluate("Date.now()") / 1000 - datetime.now(UTC).timestamp()) > 1800, "the clock is right"
    expect(page.get_by_role("row").filter(has_text="over")).to_contain_text(RECENT)
    running = page.get_by_role("row").filter(has_text="goes on")
    expect(running).to_contain_text(RECENT)
    expect(running).to_contain_text(SHORT)
    page.goto("/")
    with server.http(server.token()) as http:
        home = http.get("/api/v1/views/home", params={"project": PROJECT.project}).json()
    [following] = home["next_up"]
    at = datetime.fromisoformat(following["at"])
    today = datetime.now(UTC).date()
    expected = f"{at:%H:%M}" if at.date() == today else f"{at:%a %H:%M}"
    expect(page.locator("time", has_text=re.compile(f"^{expected}$"))).to_be_visible()
    picture(page, "clock-skewed")
    page.goto("/calendar")
    expect(page.locator("[aria-current=date] [aria-hidden]", has_text=re.compile(rf"^{today.day}$"))).to_be_visible()
    expect(page.locator("[aria-current=date][aria-pressed=true]")).to_have_count(1)
