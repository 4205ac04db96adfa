"""What is deployed, in a real browser: a schedule paused, forms filled in without losing a word, the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import journals
from tests.browser.conftest import DESKTOP, PHONE, logged_in, picture, watched
from tests.browser.journals import BEGUN, DONE, execute
from tests.browser.test_pages import AXE, PAINTED, faults, shown
from tests.integration.cli_project import in_process, make
from tests.serving import PROJECT, Served, apply, deployment, end_sessions, served, snapshot
from turnout.core.records import Page as Rows
from turnout.core.records import RunFilter
from turnout.core.snapshot import ConnectionSpec, LimitSpec, LimitUse, ScheduleSpec

FORM = {
    "type": "object",
    "$defs": {
        "Target": {
            "type": "object",
            "title": "Target",
            "description": "Where rows are written",
            "properties": {
                "table": {"type": "string", "title": "Table"},
                "keep": {"type": "boolean", "default": True, "title": "Keep history"},
            },
            "required": ["table"],
        },
        "Mode": {"type": "string", "enum": ["append", "replace"]},
    },
    "properties": {
        "states": {"type": "array", "items": {"type": "string", "maxLength": 2}, "title": "States"},
        "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None, "title": "Day"},
        "mode": {"$ref": "#/$defs/Mode", "default": "append", "title": "Mode"},
        "count": {"type": "integer", "minimum": 1, "title": "Count"},
        "target": {"$ref": "#/$defs/Target", "title": "Target"},
        "note": {"type": "string", "title": "Note", "default": ""},
        "token": {"type": "string", "format": "password", "writeOnly": True, "title": "Token"},
    },
    "required": ["count"],
    "additionalProperties": False,
}
NIGHTLY = ScheduleSpec(slug="nightly", cron="0 5 * * *", timezone="America/New_York")
CODE = {"flows/load.py": "def main(states):\n    return states\n", "flows/turf.py": "def main():\n    ...\n"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        with running.admin() as api:
            load = deployment("load", parameter_schema=FORM, schedules=(NIGHTLY,), description="Loads the roll")
            journals.deploy(api, "a" * 40, CODE, load, deployment("turf"), message="Load the roll")
            execute(running, api, "turf", [BEGUN, *DONE])
        yield running


def test_a_schedule_paused_in_the_page_is_seen_in_the_plan(
    server: Served,
    page: Page,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(make(tmp_path_factory.mktemp("shop")))
    monkeypatch.setenv("TURNOUT_SERVER", server.url)
    monkeypatch.setenv("TURNOUT_TOKEN", server.token())
    turnout = in_process(monkeypatch, capsys)
    assert turnout("apply").code == 0
    page.goto("/p/shop/deployments")
    switch = page.get_by_role("switch", name="Schedule default of load")
    expect(switch).to_be_checked()
    switch.click()
    page.get_by_label("Why?").fill("the vendor is down")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(switch).not_to_be_checked()
    expect(page.get_by_text("paused by admin: the vendor is down")).to_be_visible()
    picture(page, "journey-paused")
    planned = turnout("plan")
    assert "the vendor is down" in planned.out + planned.err
    page.goto("/p/shop/production")
    expect(page.get_by_text("load, schedule default, is paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Changed on the server")).to_be_hidden()
    resumed = turnout("plan")
    assert "the vendor is down" not in resumed.out + resumed.err


def test_a_form_is_filled_in_by_keyboard_alone(server: Served, page: Page) -> None:
    page.goto("/deployments/load")
    keys = page.keyboard
    page.get_by_role("button", name="Run…").focus()
    keys.press("Enter")
    expect(page.get_by_role("radio", name="Form")).to_be_visible()
    page.get_by_role("radio", name="JSON").focus()
    keys.press("Tab")  # Set States
    keys.press("Enter")
    expect(page.get_by_role("button", name="Add to States")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_label("States 1", exact=True)).to_be_focused()
    keys.type("PA")
    keys.press("Enter")
    expect(page.get_by_label("States 2", exact=True)).to_be_focused()
    keys.type("Ohio")
    while not page.get_by_label("Mode").evaluate("one => one === document.activeElement"):
        keys.press("Tab")
    keys.type("r")  # replace
    keys.press("Tab")
    expect(page.get_by_label("Count")).to_be_focused()
    keys.type("12")
    keys.press("Tab")
    keys.press("Enter")  # Set Target
    expect(page.get_by_label("Table")).to_be_focused()
    keys.type("voters")
    keys.press("Tab")
    keys.press("Space")  # no history
    keys.press("Control+Enter")
    expect(page.get_by_text("is too long: at most 2 characters")).to_be_visible()
    picture(page, "journey-form")
    page.get_by_label("States 2", exact=True).focus()
    keys.press("End")
    for _ in "io":
        keys.press("Backspace")
    keys.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("load")
    with server.admin() as api:
        [run] = api.runs(RunFilter(deployment="load"), Rows(limit=5))
    assert run.parameters == {
        "states": ["PA", "Ohio"[:2]],
        "mode": "replace",
        "count": 12,
        "target": {"table": "voters", "keep": False},
    }


def test_nothing_typed_is_lost_when_the_session_ends(server: Served, browser: Browser) -> None:
    with logged_in(browser, server) as context, watched(context, but="401") as page:
        page.goto("/deployments/load?tab=run")
        page.get_by_label("Count").fill("7")
        page.get_by_label("Note").fill("by hand")
        page.get_by_label("Token").fill("hush")
        end_sessions(server)
        page.get_by_role("button", name="Start run").click()
        expect(page.get_by_text("Your session has ended")).to_be_visible()
        expect(page.get_by_label("Note")).to_have_value("by hand")
        with server.admin() as api:
            context.request.get(api.login_link())
        expect(page.get_by_text("Your session has ended")).to_be_hidden()
        page.reload()
        expect(page.get_by_text("What you had typed is back")).to_be_visible()
        expect(page.get_by_label("Note")).to_have_value("by hand")
        expect(page.get_by_label("Token")).to_have_value("")
        assert "hush" not in page.evaluate("JSON.stringify([sessionStorage, localStorage])")
        page.get_by_role("button", name="Start run").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("load")
    with server.admin() as api:
        [run] = api.runs(RunFilter(deployment="load"), Rows(limit=5))
    assert run.parameters == {"count": 7, "note": "by hand"}


def test_too_much_is_refused_before_it_is_sent(page: Page) -> None:
    page.goto("/deployments/load?tab=run")
    page.get_by_label("Count").fill("1")
    page.get_by_label("Note").evaluate(
        """field => {
            const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
            set.call(field, 'x'.repeat(300_000));
            field.dispatchEvent(new Event('input', { bubbles: true }));
        }"""
    )
    expect(page.get_by_text("a run takes at most 256 KB")).to_be_visible()
    expect(page.get_by_role("button", name="Start run")).to_be_disabled()
    page.get_by_label("Note").fill("less")
    expect(page.get_by_role("button", name="Start run")).to_be_enabled()


def test_a_link_fills_the_form_in(page: Page) -> None:
    page.goto('/deployments/load?tab=run&values={"count":5,"states":["MI"]}')
    expect(page.get_by_label("Count")).to_have_value("5")
    expect(page.get_by_label("States 1", exact=True)).to_have_value("MI")
    page.get_by_role("button", name="Save as preset…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Michigan")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Preset Michigan is kept")).to_be_visible()
    page.goto("/deployments/load?tab=run")
    page.get_by_label("Preset", exact=True).select_option("Michigan")
    expect(page.get_by_label("States 1", exact=True)).to_have_value("MI")


def test_a_release_is_looked_at_and_gone_back_from(server: Served, page: Page) -> None:
    with server.admin() as api:
        journals.deploy(api, "b" * 40, CODE, deployment("load", retries=2), message="Try twice")
        page.goto("/changes")
        expect(page.get_by_text("removed")).to_be_visible()
        page.get_by_role("button", name="Load the roll").click()
        page.get_by_role("button", name="Roll back to it…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("deployment turf new")).to_be_visible()
        picture(page, "journey-rollback")
        dialog.get_by_role("button", name="Roll back", exact=True).click()
        expect(page.get_by_text("Release 1 is deployed again")).to_be_visible()
        assert set(dict(api.snapshot(PROJECT)[1].deployments)) == {"load", "turf"}  # type: ignore[index]
        expect(page.get_by_role("button", name="Back to release 1")).to_be_visible()


def test_code_calendar_and_inventory(server: Served, page: Page) -> None:
    page.goto("/deployments/load?tab=code")
    expect(page.get_by_role("region", name="Code")).to_contain_text("def main(states):")
    page.get_by_label("File", exact=True).select_option("flows/turf.py")
    expect(page.get_by_role("region", name="Code")).to_contain_text("def main():")
    page.goto("/calendar")
    expect(page.get_by_label("Runs of the day").or_(page.get_by_text("No schedule starts"))).to_be_visible()
    page.goto("/production")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename == "production-field-plan-production.csv"


TABS = (
    "/deployments/load?tab=run",
    "/deployments/load?tab=schedule",
    "/deployments/turf?tab=history",
    "/deployments/load?tab=code",
    "/settings?tab=secrets",
    "/settings?tab=access",
)


def test_every_tab_is_readable_for_everybody(page: Page) -> None:
    wrong = []
    for where in TABS:
        shown(page, where)
        page.evaluate(AXE.read_text())
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.evaluate(PAINTED)
            wrong += [f"{where} {theme}: {each}" for each in faults(page, theme)]
        page.set_viewport_size(PHONE)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{where}: wider than a phone")
        page.set_viewport_size(DESKTOP)
    assert not wrong, "\n".join(wrong)


def test_what_was_typed_stays_when_another_tab_is_looked_at(page: Page) -> None:
    page.goto('/deployments/load?tab=run&values={"count":5}')
    page.get_by_label("Note").fill("half a sen")
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("region", name="Code")).to_be_visible()
    page.get_by_role("tab", name="Run").click()
    expect(page.get_by_label("Note")).to_have_value("half a sen")
    expect(page.get_by_label("Count")).to_have_value("5")


def test_a_variable_is_set_changed_and_removed(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("button", name="Set a variable").click()
    page.get_by_label("Name").fill("quota")
    page.get_by_label("Value").fill("12")
    expect(page.get_by_text("Stored as a number")).to_be_visible()
    page.get_by_role("button", name="Set", exact=True).click()
    row = page.get_by_role("row").filter(has_text="quota")
    expect(row).to_contain_text("12")
    page.get_by_role("button", name="Change quota").click()
    page.get_by_label("Value").fill("a few")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(row).to_contain_text('"a few"')
    page.get_by_role("button", name="Remove quota").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_limit_shows_who_holds_it_and_who_waits(server: Served, page: Page) -> None:
    with server.admin() as api:
        wanted = journals.snapshot(deployment("load", limits=(LimitUse(name="van"),)))
        wanted = type(wanted)(**{**vars(wanted), "limits": {"van": LimitSpec(concurrency=1)}})
        api.apply(wanted, bundle=None, commit="c" * 40, author="Ada", message="Limit", allow_removals=True)
        held = execute(server, api, "load", [BEGUN])
        waits = api.trigger("load", namespace=PROJECT)
    page.goto("/where")
    expect(page.get_by_text("1 of 1 taken")).to_be_visible()
    expect(page.get_by_role("link", name=held.run.name)).to_be_visible()
    expect(page.get_by_role("link", name=waits.name)).to_be_visible()


def test_a_connection_is_tried_and_mended(server: Served, page: Page) -> None:
    duckdb = pytest.importorskip("duckdb")
    file = server.folder / "warehouse.duckdb"
    file.write_text("county,votes\n" * 1000)
    warehouse = ConnectionSpec(type="duckdb", options={"database": "warehouse.duckdb"})
    with server.admin() as api:
        apply(api, snapshot(deployment("load", connection="warehouse"), connections={"warehouse": warehouse}))
    page.goto("/settings?tab=connections")
    page.get_by_role("button", name="Test warehouse").click()
    told = page.get_by_role("row", name="warehouse").get_by_role("status")
    expect(told).to_contain_text("not a valid DuckDB database file")
    expect(told).to_contain_text("`database:` in turnout.yaml")
    picture(page, "journey-connection-broken")
    file.unlink()
    duckdb.connect(str(file)).close()
    page.get_by_role("button", name="Test warehouse").click()
    expect(told).to_contain_text(f"Works: DuckDB {duckdb.__version__} answered in")
    expect(told).to_contain_text("warehouse.duckdb on ")
    picture(page, "journey-connection")
