"""Every page of the UI: readable for everybody in both themes, on a phone, within its budgets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

import turnout
from tests.browser.conftest import DESKTOP, PHONE, ROOT, picture, watched
from tests.browser.journals import BEGUN, DONE, HOSTILE, deploy, execute, failing
from tests.serving import PROJECT, Served, deployment, served
from turnout.core.snapshot import ScheduleSpec
from turnout.server.routes.ui import PAGES

HOME_KILOBYTES = 130
PAGE_KILOBYTES = 150
REQUESTS = 6
ASSETS = Path(turnout.__file__).parent / "_ui" / "assets"
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
ZOOMED = {"width": 640, "height": 400}
"""What a page at 200 % has of a screen of 1280 by 800."""
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = f"""() => {{
    const wrong = [];
    if ({BEYOND} > 0) wrong.push(`the page is ${{{BEYOND}}} pixels too wide`);
    const seen = 'a[href]:not([aria-hidden]), button, input, select, textarea, h1, h2, summary';
    for (const element of document.querySelectorAll(seen)) {{
        const box = element.getBoundingClientRect();
        if (!element.checkVisibility({{ visibilityProperty: true }}) || box.width <= 1 || box.height <= 1) continue;
        let [left, right] = [0, innerWidth];
        for (let around = element.parentElement; around; around = around.parentElement) {{
            const {{ overflowX }} = getComputedStyle(around);
            if (overflowX === 'auto' || overflowX === 'scroll') {{ [left, right] = [-Infinity, Infinity]; break; }}
            if (overflowX === 'visible') continue;
            const edge = around.getBoundingClientRect();
            [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
        }}
        if (box.left < left - 1 || box.right > right + 1) wrong.push(`cut off: ${{element.outerHTML.slice(0, 200)}}`);
    }}
    for (const element of document.querySelectorAll('header, aside, nav, footer, [role=toolbar]')) {{
        const {{ position }} = getComputedStyle(element);
        const fixed = position === 'sticky' || position === 'fixed';
        const tall = element.getBoundingClientRect().height;
        if (fixed && tall > innerHeight / 4) wrong.push(`${{element.tagName}} takes ${{tall}} pixels for good`);
    }}
    return wrong;
}}"""
"""Controls and headings of which a part can be reached by no scrolling, and what stays in the way of all others."""
PAINTED = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const fading = document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity);
    await Promise.allSettled(fading.map(one => one.finished));
}"""
"""Colours are those of the theme once it was painted; while they fade, a text may be fainter than either."""
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with something on every page, and names that do something where they are taken for markup."""
    with served(tmp_path_factory.mktemp("server")) as found:
        with found.admin() as api:
            daily = ScheduleSpec(slug="daily", cron="0 6 * * *", timezone="America/New_York")
            deploy(
                api,
                "8970c6b",
                {"flows/load.py": "from turnout import flow\n"},
                deployment("load", schedules=(daily,), tags=("nightly",), description=HOSTILE),
                deployment("turf", after=("load",)),
                deployment("heavy", pool="heavy"),
                message=HOSTILE,
            )
            execute(found, api, "load", [BEGUN, *DONE])
            execute(found, api, "load", failing(HOSTILE), name=HOSTILE[:200])
            execute(found, api, "turf", [BEGUN])
        yield found


@pytest.fixture(scope="module")
def addresses(server: Served) -> dict[str, str]:
    """Page -> an address of it."""
    with server.http(server.token()) as http:
        runs = http.get("/api/v1/runs", params={"project": PROJECT.project, "state": "failed"}).json()["items"]
    values = {"{id}": runs[0]["id"], "{name}": "load"}
    found = {}
    for page in PAGES:
        path = page
        for name, value in values.items():
            path = path.replace(name, value)
        found[page] = path
    return found


def shown(page: Page, path: str) -> None:
    """Go there and wait until everything is shown."""
    page.goto(path)
    page.wait_for_selector("main h1")
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


@pytest.mark.parametrize("where", PAGES)
def test_a_page(where: str, context: BrowserContext, addresses: dict[str, str]) -> None:
    name = where.strip("/").replace("/", "-") or "home"
    with watched(context) as page:
        asked, scripts = _listen(page)
        shown(page, addresses[where])
        _check_budget(where, asked, scripts)
        assert page.evaluate("window.hurt") is None, "a name was taken for markup"
        assert page.title().endswith(" · Turnout")
        page.evaluate(AXE.read_text())
        wrong = []
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.evaluate(PAINTED)
            picture(page, f"{name}-{theme}")
            wrong += [f"{theme}: {each}" for each in faults(page, theme)]
        page.set_viewport_size(PHONE)
        picture(page, f"{name}-phone")
        beyond = page.evaluate(BEYOND)
        assert beyond <= 0, f"{beyond} pixels wider than a phone"
        page.set_viewport_size(ZOOMED)
        picture(page, f"{name}-zoomed")
        wrong += [f"at 200 %: {each}" for each in page.evaluate(CUT_OFF)]
        assert not wrong, "\n".join(wrong)


TABS = {
    "/runs/{id}": ("timeline", "graph", "log", "code", "attempts"),
    "/deployments/{name}": ("run", "schedule", "history", "code"),
    "/settings": ("secrets", "connections", "access"),
}
"""Parts of pages that have an address of their own."""


@pytest.mark.parametrize("where", TABS)
def test_the_tabs_of_a_page(where: str, context: BrowserContext, addresses: dict[str, str]) -> None:
    wrong = []
    with watched(context) as page:
        for tab in TABS[where]:
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            shown(page, f"{addresses[where]}?tab={tab}")
            expect(page.get_by_role("tab", selected=True)).not_to_have_text("Overview")
            page.evaluate(AXE.read_text())
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.evaluate(PAINTED)
                picture(page, f"{addresses[where].strip('/').partition('/')[0]}-{tab}-{theme}")
                wrong += [f"{tab}, {theme}: {each}" for each in faults(page, theme)]
            page.set_viewport_size(PHONE)
            beyond = page.evaluate(BEYOND)
            wrong += [f"{tab}: {beyond} pixels wider than a phone"] if beyond > 0 else []
            page.set_viewport_size(DESKTOP)
    assert not wrong, "\n".join(wrong)


def _listen(page: Page) -> tuple[list[str], set[str]]:
    """What the page asks of the API, the stream of news left out, and the scripts that it loads."""
    asked: list[str] = []
    scripts: set[str] = set()

    def on_request(request: Request) -> None:
        path = request.url.partition("?")[0]
        if "/api/" in path and not path.endswith("/live"):
            asked.append(request.url)
        if path.endswith(".js"):
            scripts.add(path.rpartition("/")[2])

    page.on("request", on_request)
    return asked, scripts


def _check_budget(where: str, asked: list[str], scripts: set[str]) -> None:
    size = sum((ASSETS / f"{name}.gz").stat().st_size for name in scripts)
    budget = HOME_KILOBYTES if where == "/" else PAGE_KILOBYTES
    assert 0 < size <= budget * 1000, f"{size} bytes of script in {sorted(scripts)}"
    assert 0 < len(asked) <= REQUESTS, asked


def faults(page: Page, theme: str = "light") -> list[str]:
    """What axe finds that is serious; in the dark theme only by colour, for all else is the same."""
    only = {"runOnly": ["color-contrast"]} if theme == "dark" else {}
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **only})
    return [
        f"{each['id']}: {each['help']} {json.dumps([node['html'] for node in each['nodes']])[:600]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]


def test_menu_and_dialogs_fit_a_page_at_200_percent(context: BrowserContext) -> None:
    with watched(context) as page:
        page.set_viewport_size(ZOOMED)
        shown(page, "/")
        page.get_by_role("button", name="Menu").click()
        last = page.get_by_role("button", name="Log out")
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport(ratio=1)
        picture(page, "menu-zoomed")
        page.get_by_role("button", name="Menu").click()
        page.goto("/deployments/load")
        page.get_by_role("button", name="Pause…").click()
        for name in ("Pause", "Leave it on"):
            expect(page.get_by_role("dialog").get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
        field = page.get_by_role("dialog").get_by_label("Until")
        field.scroll_into_view_if_needed()
        expect(field).to_be_in_viewport(ratio=1)
        picture(page, "dialog-zoomed")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox", name="Command")).to_be_in_viewport(ratio=1)
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("option", selected=True)).to_be_in_viewport(ratio=1)
        picture(page, "palette-zoomed")
