"""An API that refuses: a real HTTP server that enforces a rate, asked through three clients."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from turnout import flow, task
from turnout.concurrency import throttled
from turnout.core.errors import MissingContext
from turnout.engine.limits import declared
from turnout.engine.limits.declared import gate_of
from turnout.engine.limits.throttling import asked_to_wait, seconds_of
from turnout.testing import Harness


@pytest.fixture(autouse=True)
def _nothing_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_declared", {})


class Api:
    """Answers 429 to whoever asks again within `interval` seconds; `retry_after` is what it says then."""

    def __init__(self, interval: float, retry_after: str | None) -> None:
        self.interval, self.retry_after, self.asked, self.refused = interval, retry_after, 0, 0
        self._next, self._lock = 0.0, threading.Lock()

    def lets_in(self) -> bool:
        with self._lock:
            self.asked += 1
            now = time.monotonic()
            if now < self._next:
                self.refused += 1
                return False
            self._next = now + self.interval
            return True


@pytest.fixture
def serve() -> Iterator[Callable[[Api], str]]:
    running: list[ThreadingHTTPServer] = []

    def start(api: Api) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                good = api.lets_in()
                self.send_response(200 if good else 429)
                if not good and api.retry_after is not None:
                    self.send_header("Retry-After", api.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_a_refused_call_slows_the_limit_and_every_call_comes_through(
    records: Harness, serve: Callable[[Api], str]
) -> None:
    api = Api(interval=0.01, retry_after=None)
    url = serve(api)
    client = httpx.Client(trust_env=False)

    @task(per="van-api", adaptive=True, retries=40)
    def call() -> int:
        answer = client.get(url)
        answer.raise_for_status()
        return answer.status_code

    @flow
    def calls() -> list[int]:
        return [future.result() for future in [call.submit() for _ in range(30)]]

    assert calls() == [200] * 30
    client.close()
    assert api.refused > 0
    assert api.asked < 30 * 10, "it hammered the API"
    waits = [
        (entry[4] or {}).get("reason", "")
        for entry in records.run.entries
        if entry[0] == "s" and (entry[4] or {}).get("name") == "AwaitingRetry"
    ]
    assert any("the API refuses: limit van-api goes on at" in reason for reason in waits), waits


def test_the_next_try_waits_as_long_as_was_asked(records: Harness, serve: Callable[[Api], str]) -> None:
    url = serve(Api(interval=0.0, retry_after="1"))
    moments: list[float] = []

    @task(per="van-api", adaptive=True, retries=1)
    def call() -> None:
        moments.append(time.monotonic())
        if len(moments) == 1:
            response = SimpleNamespace(status_code=429, headers={"retry-after": "0.3"})
            error = RuntimeError(f"no more of {url}")
            error.response = response  # type: ignore[attr-defined]
            raise error

    @flow
    def calls() -> None:
        call()

    calls()
    assert moments[1] - moments[0] >= 0.3


@pytest.mark.parametrize("retry_after", ["7", None])
def test_what_libraries_raise_is_recognised(serve: Callable[[Api], str], retry_after: str | None) -> None:
    url = serve(Api(interval=1000.0, retry_after=retry_after))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(url).close()
    expected = float(retry_after or 0)
    with pytest.raises(urllib.error.HTTPError) as of_urllib:
        opener.open(url)
    assert asked_to_wait(of_urllib.value) == expected
    of_urllib.value.close()
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.HTTPStatusError) as of_httpx:
        client.get(url).raise_for_status()
    assert asked_to_wait(of_httpx.value) == expected
    wrapped = ValueError("could not load")
    wrapped.__cause__ = of_httpx.value
    assert asked_to_wait(wrapped) == expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {}, 0.0),
        (429, {"Retry-After": "soon"}, 0.0),
        (429, {"Retry-After": "-5"}, 0.0),
        (429, None, 0.0),
        (503, {"Retry-After": "2"}, 2.0),
        (503, {}, None),
        (500, {"Retry-After": "2"}, None),
        (200, {}, None),
        ("429", {}, None),
    ],
)
def test_what_counts_as_a_refusal(status: object, headers: object, expected: float | None) -> None:
    error = RuntimeError()
    error.response = SimpleNamespace(status_code=status, headers=headers)  # type: ignore[attr-defined]
    assert asked_to_wait(error) == expected


def test_a_date_is_seconds_from_now() -> None:
    assert seconds_of(formatdate(time.time() + 100, usegmt=True)) == pytest.approx(100, abs=2)
    assert seconds_of(formatdate(time.time() - 100, usegmt=True)) == 0.0
    assert seconds_of("Thu, 99 Foo 2026") is None
    assert seconds_of("nan") is None
    assert seconds_of(None) is None
    assert seconds_of(2) == 2.0


def test_other_errors_are_none_and_circles_of_causes_end() -> None:
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert asked_to_wait(one) is None
    assert asked_to_wait(None) is None


def test_a_library_that_raises_nothing_can_be_told_of(records: Harness) -> None:
    moments: list[float] = []
    slow: list[bool] = []

    @task(per="van-api", rate="1000/s", retries=1)
    def call() -> None:
        moments.append(time.monotonic())
        if len(moments) == 1:
            throttled(0.2)
            gate = gate_of("van-api", None)
            assert gate is not None
            slow.append(gate.pace.update(lambda pace: pace.slowed()))
            raise ValueError("again later")

    @flow
    def calls() -> None:
        call()

    calls()
    assert moments[1] - moments[0] >= 0.2
    assert slow == [True]
    with pytest.raises(MissingContext, match="needs a task with a limit"):
        throttled(1)
