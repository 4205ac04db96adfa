"""`./dev bench ui`: the pages of Turnout and of Prefect in the same browser, on the same data, in one run.

    content     milliseconds from going to the page until a text of the data stands on it
    requests    to the API until a second later
    bytes       that came over the network, and how many of them are scripts

`first`: a browser that was never there; `again`: with what it kept. Rounds alternate and a turn begins once the servers
rest; medians are told. What each page has to show is the same on both: `PAGES`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import turnout
from benchmarks.peers import PREFECT, PeerMissing, install
from benchmarks.prefect_server import prefect_server
from benchmarks.processes import wait_for_rest
from benchmarks.told import line
from benchmarks.turnout_server import TurnoutServer, turnout_server
from benchmarks.ui_data import Shown, failing, fill_prefect, fill_turnout
from tests.browser.conftest import DESKTOP, chromium

BUILT = Path(turnout.__file__).parent / "_ui"
BUDGET_MS = 300
LONGEST_MS = 60_000
AFTER_MS = 1_000
READABLE = """text => {
    let found = document.body;
    if (!found?.textContent.includes(text)) return false;
    const holds = element => element.textContent.includes(text) && element.checkVisibility();
    for (let part; (part = [...found.children].find(holds)); ) found = part;
    const { width, height } = found.getBoundingClientRect();
    return width > 0 && height > 0 && performance.now();
}"""
"""Nothing is laid out before the text is there: to ask for `innerText` in every frame took 50 ms of the page's own."""
Address = Callable[[Shown], str]


def _prefect_run(shown: Shown) -> str:
    """Its log is on the page of the run."""
    return f"/runs/flow-run/{shown.run_id}"


PAGES: dict[str, tuple[Callable[[Shown], str], Address, Address]] = {
    "home": (lambda _: failing(), lambda _: "/", lambda _: "/dashboard"),
    "runs": (lambda shown: shown.run_name, lambda _: "/runs", lambda _: "/runs"),
    "run": (lambda _: line(0)[:13], lambda shown: f"/runs/{shown.run_id}", _prefect_run),
    "log": (lambda _: line(0), lambda shown: f"/runs/{shown.run_id}?tab=log&line=1", _prefect_run),
    "deployments": (lambda shown: shown.deployment, lambda _: "/deployments", lambda _: "/deployments"),
    "deployment": (
        lambda shown: shown.run_name,
        lambda shown: f"/deployments/{shown.deployment}",
        lambda shown: f"/deployments/deployment/{shown.deployment_id}",
    ),
}
"""page -> (the text that is its content, its address here, its address there)."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What going to a page came to."""

    content_ms: float
    requests: int
    kilobytes: float
    script_kilobytes: float


@dataclass(frozen=True, kw_only=True)
class Site:
    """A server with its data. `enter` makes a browser context somebody who is logged in."""

    name: str
    url: str
    shown: Shown
    enter: Callable[[BrowserContext], None]

    def address(self, page: str) -> str:
        return self.url + PAGES[page][1 if self.name == "turnout" else 2](self.shown)


def main(arguments: list[str]) -> int:
    """Measure, print the table, keep it as JSON. 0: a benchmark measures, it does not judge."""
    options = _options(arguments)
    if chromium() is None or not (BUILT / "index.html").exists():
        print("error: no browser, or no UI\n  fix: apt-get install chromium; ./dev ui build", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder, contextlib.ExitStack() as stack:
        sites = list(_sites(Path(folder), options.peers, stack))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        stack.callback(browser.close)
        rows = [row for page in options.pages for row in _page(browser, sites, page, options.rounds)]
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        machine = {"python": sys.version.split()[0], "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench ui", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", nargs="+", choices=tuple(PAGES), default=tuple(PAGES))
    parser.add_argument("--peers", nargs="*", choices=("prefect",), default=("prefect",), help="none: Turnout alone")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args(arguments)


def _sites(place: Path, peers: list[str], stack: contextlib.ExitStack) -> Iterator[Site]:
    turnout = stack.enter_context(turnout_server(place / "turnout"))
    print("filling Turnout", file=sys.stderr, flush=True)
    yield Site(name="turnout", url=turnout.url.rstrip("/"), shown=fill_turnout(turnout), enter=_login(turnout))
    if "prefect" in peers:
        try:
            prefect = stack.enter_context(prefect_server(install(PREFECT), place / "prefect"))
        except PeerMissing as error:
            print(f"prefect: left out: {error}", file=sys.stderr, flush=True)
            return
        print("filling Prefect, which takes a minute", file=sys.stderr, flush=True)
        shown = fill_prefect(prefect)
        yield Site(name="prefect", url=f"http://{prefect.host}", shown=shown, enter=lambda _: None)


def _login(server: TurnoutServer) -> Callable[[BrowserContext], None]:
    def enter(context: BrowserContext) -> None:
        with server.admin() as api:
            answer = context.request.get(api.login_link(), max_redirects=0)
        if answer.status != 303:
            raise RuntimeError(f"the login link is not taken: {answer.status} {answer.text()[:200]}")

    return enter


def _page(browser: Browser, sites: list[Site], page: str, rounds: int) -> Iterator[dict[str, Any]]:
    """The rows of a page, printed as soon as they are known."""
    taken: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for number in range(rounds + 1):
        for site in sites:
            wait_for_rest(os.getpid())
            first, again = _visits(browser, site, page)
            if number:  # the first round warms the servers
                taken[site.name, "first"].append(first)
                taken[site.name, "again"].append(again)
    print(f"\n{page}: {PAGES[page][0](sites[0].shown)!r} stands there")
    ours = _medians(taken["turnout", "first"]), _medians(taken["turnout", "again"])
    for (name, kind), visits in sorted(
        taken.items(), key=lambda item: (item[0][1] != "first", item[0][0] != "turnout")
    ):
        found = _medians(visits)
        print(_line(name, kind, found, ours[kind == "again"]), flush=True)
        yield {"page": page, "site": name, "visit": kind, **asdict(found), "all": [asdict(visit) for visit in visits]}


def _visits(browser: Browser, site: Site, page: str) -> tuple[Visit, Visit]:
    """A first visit with nothing kept, and one more."""
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    try:
        site.enter(context)
        return _visit(context, site, page), _visit(context, site, page)
    finally:
        context.close()


def _visit(context: BrowserContext, site: Site, name: str) -> Visit:
    page = context.new_page()
    try:
        sizes: dict[str, int] = {}
        kinds: dict[str, tuple[str, str]] = {}
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda e: kinds.update({e["requestId"]: _kind(e)}))
        session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])}))
        page.goto(site.address(name), wait_until="commit")
        content = _stands(page, PAGES[name][0](site.shown))
        page.wait_for_timeout(AFTER_MS)
        scripts = sum(size for request, size in sizes.items() if kinds.get(request, ("", ""))[0] == "Script")
        asked = sum(kind in ("Fetch", "XHR", "EventSource") and "/api/" in url for kind, url in kinds.values())
        return Visit(
            content_ms=content, requests=asked, kilobytes=sum(sizes.values()) / 1000, script_kilobytes=scripts / 1000
        )
    finally:
        page.close()


def _stands(page: Page, text: str) -> float:
    """Milliseconds since the page was asked for, by its own clock, when `text` is to be read on it: looked at before
    every frame, laid out included."""
    found = page.wait_for_function(READABLE, arg=text, polling="raf", timeout=LONGEST_MS)
    return float(found.json_value())


def _kind(event: dict[str, Any]) -> tuple[str, str]:
    return str(event.get("type", "")), str(event["request"]["url"])


def _medians(visits: list[Visit]) -> Visit:
    def median(of: Callable[[Visit], float]) -> float:
        return statistics.median(map(of, visits))

    return Visit(
        content_ms=median(lambda visit: visit.content_ms),
        requests=round(median(lambda visit: visit.requests)),
        kilobytes=median(lambda visit: visit.kilobytes),
        script_kilobytes=median(lambda visit: visit.script_kilobytes),
    )


def _line(name: str, kind: str, found: Visit, ours: Visit) -> str:
    line = (
        f"  {kind:<6} {name:<8} {found.content_ms:>7,.0f} ms to content   {found.requests:>3} requests   "
        f"{found.kilobytes:>7,.0f} kB, {found.script_kilobytes:>6,.0f} of scripts"
    )
    if name != "turnout":
        return f"{line}   {found.content_ms / ours.content_ms:.1f} x our time"
    return f"{line}   budget {BUDGET_MS} ms: {'met' if found.content_ms <= BUDGET_MS else 'MISSED'}"
