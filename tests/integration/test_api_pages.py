"""The pages over HTTP, with hostile names, tags, logs and artifacts in them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.serving import PROJECT, Served, apply, deployment, field_plan, register, served

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"
AT = 1_790_000_000.0


class Text(HTMLParser):
    """What a reader sees, and the scripts and handlers a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen, self.scripts, self.handlers = "", [], []
        self.feed(text)

    seen: str
    scripts: list[str | None]
    handlers: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag == "script":
            self.scripts.append(dict(attrs).get("src"))

    def handle_data(self, data: str) -> None:
        self.seen += data


def read(content: str) -> str:
    page = Text(content)
    assert page.scripts in ([], ["page.js"])
    assert page.handlers == []
    return page.seen


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("pages")) as running:
        yield running


def test_an_empty_server_says_what_to_do_next(server: Served) -> None:
    with server.browser() as browser:
        seen = read(browser.get("/status").text)
    assert "turnout apply" in seen
    assert "turnout worker" in seen


def test_hostile_names_and_output_are_shown_as_text(server: Served) -> None:
    plan = field_plan()
    odd = deployment("odd", description=EVIL, tags=(EVIL,), parameter_schema={})
    with server.admin() as api, server.worker() as worker:
        apply(api, replace(plan, deployments={**plan.deployments, "odd": odd}))
        made = api.trigger("odd", namespace=PROJECT, parameters={"text": EVIL}, tags=[EVIL])
        register(worker, EVIL)
        (job,) = worker.claim(worker_id=EVIL, key="pages", slots=1, wait=5)
        header = {"protocol": 1, "run": made.id, "attempt": 1, "stream": 0, "pid": 1, "flow": EVIL, "run_name": EVIL,
                  "at": AT, "parameters": {}, "tags": [], "entrypoint": "f:f", "project": "p"}  # fmt: skip
        entries = [
            header, ["s", 0, "running", AT, None], ["c", 1, 0, "task", "t#0", EVIL, AT, "running", {"tags": [EVIL]}],
            ["l", 1, AT, 40, EVIL, f"\x1b[31m{EVIL}\nsecond line"],
            ["s", 1, "failed", AT, {"reason": EVIL, "name": EVIL}],
            ["a", 0, AT, "markdown", EVIL, {"markdown": EVIL}],
            ["a", 0, AT, "link", "l", {"link": "javascript:alert(1)"}],
            ["a", 0, AT, "table", "t", {"table": [{EVIL: EVIL}]}], ["s", 0, "failed", AT, {"reason": EVIL}],
        ]  # fmt: skip
        with server.run(job.token) as mine:
            mine.ship(made.id, 1, 0, 0, b"".join(json.dumps(entry).encode() + b"\n" for entry in entries))
    with server.browser() as browser:
        page = browser.get(f"/status/runs/{made.id}").text
        seen = read(page)
        assert 'href="javascript:' not in page
        assert "\x1b" not in page
        assert seen.count(EVIL) >= 6
        assert "second line" in seen
        assert EVIL in read(browser.get("/status").text)


def test_the_status_page_shows_schedules_chains_and_why_runs_wait(server: Served) -> None:
    with server.admin() as api:
        apply(api, field_plan())
        api.trigger("heavy", namespace=PROJECT)
    with server.browser() as browser:
        text = browser.get("/status").text
    seen = read(text)
    assert "06:00" in seen
    assert "no worker of pool 'heavy'" in seen
    assert text.count("<time datetime=") >= 2


def test_strangers_see_the_login_page_and_a_missing_run_has_a_page(server: Served) -> None:
    html = {"Accept": "text/html"}
    with server.http() as stranger:
        answer = stranger.get("/status", headers=html)
        assert answer.status_code == 401
        assert "turnout login" in read(answer.text)
    with server.browser() as browser:
        answer = browser.get("/status/runs/" + "f" * 32, headers=html)
        assert answer.status_code == 404
        assert "there is no run" in read(answer.text).lower()


def test_the_style_is_allowed_by_its_hash_alone(server: Served) -> None:
    with server.browser() as browser:
        answer = browser.get("/status")
        assert "style=" not in answer.text
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]
        assert browser.get("/page.js").headers["content-type"].startswith("text/javascript")
