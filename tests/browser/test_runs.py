"""The pages of runs in a real browser: a failure understood and run again, a long log searched, nothing hurt."""

from collections.abc import Iterator
from contextlib import ExitStack
from math import inf
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import journals
from tests.browser.conftest import PHONE, logged_in, picture, watched
from tests.browser.journals import BEGUN, DONE, execute, failing, hostile, log, many_lines, many_tasks
from tests.serving import PROJECT, Served, deployment, served
from turnout.core.records import Page as Rows
from turnout.core.records import RunFilter
from turnout.core.states import RunState

SCHEMA = {
    "type": "object",
    "properties": {"states": {"type": "integer", "title": "States"}, "table": {"type": "string"}},
    "additionalProperties": True,
}
FRAMES = 120
ROUNDS = 4
FRAME_MS = 4.0
"""What drawing a frame may take of the main thread, in its own time: however busy the machine is."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        with running.admin() as api:
            specs = [deployment(name, parameter_schema=SCHEMA) for name in ("load", "turf")]
            before = {"flows/load.py": "def load(n):\n    return n\n", "turnout.yaml": "x\n"}
            journals.deploy(api, "a" * 40, before, *specs, message="Load the roll")
            execute(running, api, "load", [BEGUN, *DONE], parameters={"states": 3})
            after = {"flows/load.py": "def load(n):\n    raise ValueError\n", "turnout.yaml": "x\n"}
            journals.deploy(api, "b" * 40, after, *specs, message="Check the state first")
        yield running


def test_what_failed_for_one_reason_is_run_again_at_once(server: Served, page: Page) -> None:
    with server.admin() as api:
        turf = execute(server, api, "turf", failing()).run
        old, new = (execute(server, api, "load", failing()).run for _ in range(2))
        page.goto(f"{server.url}/")
        expect(page.get_by_text("3 runs ·")).to_be_visible()
        page.get_by_role("button", name="Run 2 again").click()
        expect(page.get_by_text("Running 2 deployments again, from where they failed")).to_be_visible()
        assert [api.run(run.id).state for run in (turf, old, new)] == ["scheduled", "failed", "scheduled"]


def test_a_failure_is_found_understood_and_run_again(server: Served, page: Page) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", failing(), parameters={"states": 5})
        execute(server, api, "turf", [BEGUN, *DONE])
        page.goto(f"{server.url}/runs")
        page.get_by_role("button", name="failed", exact=True).click()
        expect(page.get_by_test_id("total")).to_have_text("1 match")
        picture(page, "runs-failed")
        page.get_by_role("link", name=job.run.name).click()
        expect(page.get_by_test_id("why")).to_contain_text("task 'load_batch': ValueError: no state 'XX'")
        picture(page, "run-failed")
        page.get_by_role("link", name="First error").click()
        expect(page.get_by_label("The chosen line")).to_contain_text("batch 37 could not be loaded")
        page.get_by_role("tab", name="Code changes").click()
        expect(page.get_by_label("Changes of flows/load.py")).to_contain_text("+    raise ValueError")
        page.get_by_role("button", name="With changes…").click()
        expect(page.get_by_test_id("reused")).to_contain_text("39 steps reused")
        picture(page, "run-again")
        page.get_by_role("textbox", name="States").fill("7")
        expect(page.get_by_test_id("reused")).to_contain_text("Up to 39 steps reused")
        page.get_by_role("button", name="Run from where it failed").click()
        expect(page.get_by_text("A new attempt is on its way")).to_be_visible()
        again = api.run(job.run.id)
        assert (again.attempt, again.parameters, again.spec.commit) == (2, {"states": 7}, "b" * 40)
        page.get_by_role("tab", name="Attempts").click()
        expect(page.get_by_label("Attempt 1")).to_contain_text("1 failed")


def test_a_long_log_is_searched_and_stepped_through(server: Served, page: Page) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", many_lines(100_000))
    page.goto(f"{server.url}/runs/{job.run.id}?tab=log")
    expect(page.get_by_text("100,000 lines")).to_be_visible()
    page.keyboard.press("Control+f")
    page.keyboard.type("the NEEDLE")
    expect(page.get_by_test_id("hits")).to_have_text("1 of 1")
    expect(page.locator("[data-row='98766']")).to_contain_text("the needle")
    page.get_by_role("button", name="Next error").click()
    expect(page.get_by_label("The chosen line")).to_contain_text("Line 20,000")
    page.reload()
    expect(page.locator("[data-row='19999']")).to_be_in_viewport()
    expect(page.get_by_label("The chosen line")).to_contain_text("line 19999 is")
    page.get_by_label("Levels").select_option("40")
    expect(page.get_by_text("5 of 100,000 lines")).to_be_visible()
    page.get_by_label("Levels").select_option("0")
    expect(page.locator("[data-row='3']")).to_be_in_viewport()
    assert scrolled(page, "log") < FRAME_MS


def test_ten_thousand_tasks_on_a_timeline(server: Served, page: Page) -> None:
    with server.admin() as api:
        job = execute(server, api, "load", many_tasks(10_000))
    page.goto(f"{server.url}/runs/{job.run.id}?tab=timeline")
    expect(page.get_by_test_id("timeline")).to_be_visible()
    picture(page, "run-timeline")
    assert scrolled(page, "timeline") < FRAME_MS
    page.get_by_role("button", name="Next failure").click()
    expect(page.get_by_label("The chosen task")).to_contain_text("OSError: timed out")
    page.get_by_role("button", name="As a table").click()
    expect(page.get_by_text("1 to 200 of 10,000")).to_be_visible()
    page.get_by_role("tab", name="Graph").click()
    expect(page.get_by_text("More than 300 tasks")).to_be_visible()


def test_a_server_that_restarts_under_an_open_page(tmp_path: Path, browser: Browser) -> None:
    folder = tmp_path / "restarted"
    with ExitStack() as stack:
        with served(folder) as first, first.admin() as api:
            journals.deploy(api, "a" * 40, {"turnout.yaml": "x\n"})
            job = execute(first, api, "load", [BEGUN, log("before the restart")])
            context = stack.enter_context(logged_in(browser, first))
            page = stack.enter_context(watched(context, but="Failed to load resource|ERR_"))
            page.goto(f"{first.url}/runs/{job.run.id}?tab=log")
            expect(page.locator("[data-row='0']")).to_contain_text("before the restart")
            port = int(first.url.rpartition(":")[2])
        expect(page.get_by_text("the server does not answer")).to_be_visible()
        expect(page.locator("[data-row='0']")).to_contain_text("before the restart")
        with served(folder, port=port) as second:
            journals.ship(second, job, [log("after the restart"), *DONE], 3)
            expect(page.locator("[data-row='1']")).to_contain_text("after the restart")
            expect(page.get_by_test_id("why")).to_contain_text("Completed")


def test_what_a_run_says_is_never_markup(server: Served, page: Page) -> None:
    with server.admin() as api:
        values = {"<b>name</b>": journals.HOSTILE}
        job = execute(
            server, api, "turf", hostile(), parameters=values, tags=[journals.HOSTILE], name=journals.HOSTILE[:150]
        )
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for tab in ("overview", "timeline&task=1", "graph&task=1", "log&line=1", "code", "attempts"):
        page.goto(f"{server.url}/runs/{job.run.id}?tab={tab}")
        expect(page.get_by_test_id("why")).to_contain_text("onerror")
        page.wait_for_load_state("networkidle")
        check_unhurt(page)
    page.goto(f"{server.url}/runs")
    expect(page.get_by_role("link", name="turf")).to_be_visible()
    check_unhurt(page)
    assert errors == []


def test_runs_of_odd_sizes(server: Served, page: Page) -> None:
    with server.admin() as api:
        empty = execute(server, api, "load", [BEGUN, *DONE])
        large = execute(server, api, "load", [BEGUN, *DONE], parameters={"table": "x" * 250_000})
        waiting = api.trigger("turf", namespace=PROJECT)
    page.set_viewport_size(PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    for run_id in (empty.run.id, large.run.id, waiting.id):
        for tab in ("overview", "timeline", "graph", "log", "code", "attempts"):
            asked.clear()
            page.goto(f"{server.url}/runs/{run_id}?tab={tab}")
            expect(page.get_by_test_id("why")).to_be_visible()
            page.wait_for_timeout(50)
            assert len([url for url in asked if "/events" not in url]) <= 6, asked
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (run_id, tab)


def test_many_runs_are_cancelled_by_what_matches(server: Served, page: Page) -> None:
    with server.admin() as api:
        for number in range(70):
            api.trigger("load", namespace=PROJECT, tags=["keep"] if number < 5 else ["drop"])
        page.goto(f"{server.url}/runs")
        page.get_by_label("A tag to show; with a minus in front, to leave out").fill("-keep")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="scheduled", exact=True).click()
        expect(page.get_by_test_id("total")).to_have_text("65 match")
        page.get_by_role("button", name="Cancel…").click()
        expect(page.get_by_test_id("bulk-count")).to_contain_text("65 runs")
        page.get_by_role("button", name="Cancel 65").click()
        expect(page.get_by_text("65 runs cancelled.")).to_be_visible()
        left = api.runs(RunFilter(tags=("keep",)), Rows(limit=100))
        assert {run.state for run in left} == {"scheduled"}


def test_many_runs_are_deleted_by_what_matches(server: Served, page: Page) -> None:
    with server.admin() as api:
        for number in range(60):
            run = api.trigger("load", namespace=PROJECT, tags=["keep"] if number < 5 else ["drop"])
            api.cancel(run.id)
        page.goto(f"{server.url}/runs?not_tag=%5B%22keep%22%5D&state=%5B%22cancelled%22%5D")
        expect(page.get_by_test_id("total")).to_have_text("55 match")
        page.get_by_role("button", name="Delete…").click()
        expect(page.get_by_test_id("bulk-count")).to_have_text("55 runs that are over match.")
        delete = page.get_by_role("button", name="Delete 55")
        expect(delete).to_be_disabled()
        page.get_by_label("Type “delete” to go on").fill("delete")
        picture(page, "runs-delete")
        delete.click()
        expect(page.get_by_text("54 runs deleted.")).to_be_visible()
        expect(page.get_by_text("it is the last run of load, or the last that completed")).to_be_visible()
        page.get_by_role("button", name="Close").last.click()
        expect(page.get_by_test_id("total")).to_have_text("1 match")
        left = api.runs(RunFilter(states=(RunState.CANCELLED,)), Rows(limit=100))
        assert [run.tags for run in left] == [("drop",), *[("keep",)] * 5]


def test_a_view_is_shared_with_everybody(server: Served, browser: Browser, page: Page) -> None:
    page.goto(f"{server.url}/runs?state=%5B%22failed%22%5D")
    page.get_by_role("button", name="Save this view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Failed <b>last</b> night")
    page.keyboard.press("Enter")
    shown = page.get_by_role("link", name="Failed <b>last</b> night")
    expect(shown).to_have_attribute("aria-current", "page")
    picture(page, "runs-view")
    with logged_in(browser, server) as other, watched(other) as colleague:
        colleague.goto("/runs")
        colleague.get_by_role("link", name="Failed <b>last</b> night").click()
        expect(colleague.get_by_role("button", name="failed", exact=True)).to_have_attribute("aria-pressed", "true")
        colleague.get_by_role("button", name="Rename Failed <b>last</b> night").click()
        colleague.get_by_role("dialog").get_by_label("Name").fill("Bad nights")
        colleague.keyboard.press("Enter")
        expect(colleague.get_by_role("link", name="Bad nights")).to_be_visible()
    expect(page.get_by_role("link", name="Bad nights")).to_be_visible()
    page.goto(f"{server.url}/deployments")
    page.get_by_role("button", name="Commands").click()
    page.get_by_role("combobox", name="Command").fill("bad nights")
    expect(page.get_by_role("option", name="Runs: Bad nights")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="failed", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Delete Bad nights").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("link", name="Bad nights")).to_have_count(0)
    expect(page.get_by_role("button", name="Save this view")).to_be_visible()


def check_unhurt(page: Page) -> None:
    """Nothing ran, and nothing would if it were clicked on."""
    assert page.evaluate("window.hurt") is None
    assert page.locator("a[href^='javascript'], img[src='x'], main script, a[href^='data:']").count() == 0


def scrolled(page: Page, test_id: str) -> float:
    """Milliseconds of the main thread a frame while something is scrolled through, of its own time: the first round
    within what a frame may take, or the best of some, because what else runs on the machine empties the processor's
    caches."""
    best = inf
    for _ in range(ROUNDS):
        best = min(best, scrolled_once(page, test_id))
        if best < FRAME_MS:
            break
    return best


def scrolled_once(page: Page, test_id: str) -> float:
    """One round."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    before = spent()
    page.evaluate(
        """([id, frames]) => new Promise((done) => {
            const box = document.querySelector(`[data-testid=${id}]`);
            let frame = 0;
            const step = () => {
                box.scrollTop += 97;
                frame += 1;
                frame < frames ? requestAnimationFrame(step) : done();
            };
            requestAnimationFrame(step);
        })""",
        [test_id, FRAMES],
    )
    each = (spent() - before) * 1000 / FRAMES
    session.detach()
    return each
