"""A voter file for tests: a real server on this machine that answers as the API does, 429 included."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import pytest


class VoterFile(ThreadingHTTPServer):
    """People without a source code; it is too busy for the first `refusals` requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.codes: dict[int, int] = {}
        self.people = list(range(1, 8))
        self.refusals = 0
        self.keys: set[str] = set()
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: VoterFile

    def do_GET(self) -> None:
        if self._bears():
            self._answer(200, {"items": [{"vanId": number} for number in self.server.people]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._bears():
            with self.server.lock:
                self.server.codes[int(self.path.split("/")[2])] = body["sourceCodeId"]
            self._answer(200, {})

    def _bears(self) -> bool:
        with self.server.lock:
            self.server.keys.add(self.headers["Authorization"])
            self.server.refusals -= 1
            if self.server.refusals < 0:
                return True
        self._answer(429, {}, ("Retry-After", "0"))
        return False

    def _answer(self, status: int, body: Any, *headers: tuple[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (("Content-Length", str(len(content))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def voter_file() -> Iterator[VoterFile]:
    with VoterFile() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def turnout_secrets() -> dict[str, dict[str, str]]:
    return {"van": {"api_key": "not-a-key"}}
