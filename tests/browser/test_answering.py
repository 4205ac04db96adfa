"""A run that waits for a person: what it asks is answered on its page, with nothing lost and nobody misled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import journals
from tests.browser.conftest import logged_in, picture, watched
from tests.browser.journals import AT, BEGUN, DONE
from tests.serving import Served, end_sessions, served
from turnout.core.jobs import Job

FORM = {
    "type": "object",
    "properties": {
        "batch": {"type": "integer", "title": "Batch size", "minimum": 1},
        "note": {"type": "string", "title": "Note", "default": ""},
    },
    "required": ["batch"],
    "additionalProperties": False,
}
PAUSED = ["s", 0, "paused", AT + 1, {"question": {"key": "pause#0", "form": FORM, "description": "How many at once?"}}]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        with running.admin() as api:
            journals.deploy(api, "a" * 40, {"flows/load.py": "x\n"})
        yield running


@pytest.fixture
def asking(server: Served) -> Job:
    with server.admin() as api:
        return journals.execute(server, api, "load", [BEGUN, PAUSED])


@pytest.fixture
def page(server: Served, browser: Browser) -> Iterator[Page]:
    with logged_in(browser, server) as context, watched(context) as made:
        yield made


def test_a_question_is_answered_by_keyboard_alone(server: Served, asking: Job, page: Page) -> None:
    page.goto(f"/runs/{asking.run.id}")
    expect(page.get_by_role("heading", name="It waits for an answer")).to_be_visible()
    tab_to(page, "Batch size")
    page.keyboard.type("a dozen")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Batch size")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Batch size")).to_have_value("a dozen")
    picture(page, "question")
    assert answers(server, asking) == []
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("12")
    tab_to(page, "Note")
    page.keyboard.type("by hand")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It waits for an answer")).to_be_hidden()
    assert answers(server, asking) == [{"batch": 12, "note": "by hand"}]
    journals.ship(server, asking, [["s", 0, "running", AT + 2, None], *DONE], 3)
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible()


def test_nothing_typed_is_lost_when_the_session_ends(server: Served, asking: Job, browser: Browser) -> None:
    with logged_in(browser, server) as context, watched(context, but="401") as page:
        page.goto(f"/runs/{asking.run.id}")
        page.get_by_label("Batch size").fill("7")
        page.get_by_label("Note").fill("kept")
        end_sessions(server)
        page.get_by_role("button", name="Answer").click()
        expect(page.get_by_text("Your session has ended")).to_be_visible()
        with server.admin() as api:
            context.request.get(api.login_link())
        expect(page.get_by_text("Your session has ended")).to_be_hidden()
        expect(page.get_by_label("Note")).to_have_value("kept")
        page.get_by_role("button", name="Answer").click()
        expect(page.get_by_role("heading", name="It waits for an answer")).to_be_hidden()
    assert answers(server, asking) == [{"batch": 7, "note": "kept"}]


def test_another_tab_learns_that_the_question_is_answered(server: Served, asking: Job, browser: Browser) -> None:
    with logged_in(browser, server) as context, watched(context) as first, watched(context) as second:
        for page in (first, second):
            page.goto(f"/runs/{asking.run.id}")
            page.get_by_label("Batch size").fill("3")
        first.get_by_role("button", name="Answer").click()
        for page in (first, second):
            expect(page.get_by_role("heading", name="It waits for an answer")).to_be_hidden()
    assert answers(server, asking) == [{"batch": 3, "note": ""}]


def test_who_answers_a_moment_too_late_is_told(server: Served, asking: Job, browser: Browser) -> None:
    def answered_before(route: Route) -> None:
        with server.admin() as api:
            api.answer(asking.run.id, {"batch": 4})
        route.continue_()

    with logged_in(browser, server) as context, watched(context, but="409") as page:
        page.goto(f"/runs/{asking.run.id}")
        page.get_by_label("Batch size").fill("3")
        page.route("**/resume", answered_before)
        page.get_by_role("button", name="Answer").click()
        expect(page.get_by_text(f"run {asking.run.name} is not paused")).to_be_visible()
    assert answers(server, asking) == [{"batch": 4}]


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the field has the focus."""
    field = page.get_by_label(label)
    for _ in range(60):
        if field.evaluate("field => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {label}")


def answers(server: Served, job: Job) -> list[object]:
    """What the run was told."""
    with server.http(server.token()) as http:
        told = http.get(f"/api/v1/runs/{job.run.id}/inputs").raise_for_status().json()
    return [each["value"] for each in told]
