"""From the first start to a green run, as a newcomer does it: one command, the address that it prints, one key.

The command is `turnout up` in a new repository, or `./dev quickstart` in this one.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PATIENCE_MS, ROOT, picture, watched

MANIFEST = """\
project: field-plan
deployments:
  greet:
    flow: flows/greet.py:greet
    description: Says hello.
"""
FLOW = """\
from turnout import flow, task

@task
def word() -> str:
    return "hello"

@flow(log_prints=True)
def greet() -> str:
    print(word())
    return "done"
"""


@pytest.fixture
def link(tmp_path: Path) -> Iterator[str]:
    """The address that `turnout up` prints in a new repository."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "greet.py").write_text(FLOW)
    (tmp_path / "turnout.yaml").write_text(MANIFEST)
    author = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "Greet"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, env=_environment())
    with _started(tmp_path, "-m", "turnout", "up", "--port", "0") as found:
        yield found


@contextmanager
def _started(folder: Path, *command: str) -> Iterator[str]:
    """The first login link that a command prints, while it goes on."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        printed: list[str] = []
        while not (found := re.search(r"http\S+/login\?token=\S+", printed[-1] if printed else "")):
            printed.append(process.stdout.readline())
            assert printed[-1], f"it ended: {''.join(printed)}"
        yield found.group()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "PYTEST_"))}


def test_from_the_first_start_to_a_green_run(browser: Browser, link: str) -> None:
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    with watched(context) as page:
        page.goto(link)
        expect(page.get_by_role("heading", name="field-plan", level=1)).to_be_visible()
        # The first apply may still be under way: the page shows it as soon as it is made.
        expect(page.get_by_role("link", name="greet").first).to_be_visible()
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Command").fill("run greet now")
        expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text("Run greet now")
        page.keyboard.press("Enter")
        page.locator("[aria-live=polite]").get_by_role("link", name="greet").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("greet")
        expect(page.get_by_role("main").locator("span", has_text="Completed").first).to_be_visible()
        picture(page, "first-green-run")
        page.goto(link.partition("/login")[0] + "/")
        expect(page.get_by_text("Nothing needs you.")).to_be_visible()
    context.close()


def test_the_quickstart_leads_to_green_runs_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    command = [str(ROOT / "scripts" / "quickstart.py"), "--folder", str(tmp_path), "--port", "0"]
    with _started(tmp_path, *command) as link:
        context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        with watched(context) as page:
            page.goto(link)
            expect(page.get_by_role("heading", name="field-plan", level=1)).to_be_visible()
            page.get_by_role("link", name="Runs", exact=True).click()
            export = page.get_by_role("row").filter(has_text="export-plan")
            expect(export).to_contain_text("Completed", timeout=2 * PATIENCE_MS)
            picture(page, "quickstart-runs")
            export.get_by_role("link").click()
            expect(page.get_by_test_id("why")).to_contain_text("Completed")
            page.get_by_role("tab", name="Timeline").click()
            expect(page.get_by_test_id("timeline")).to_be_visible()
            picture(page, "quickstart-run")
        context.close()
