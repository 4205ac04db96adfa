"""A control plane for tests of the worker: real HTTP, the contract's routes, everything kept in memory."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

RUN = re.compile(r"/api/v1/work/runs/([0-9a-f]{32})/(heartbeat|journal|report|checkpoints)")
BUNDLE = re.compile(r"/api/v1/work/bundles/([0-9a-f]+)")


class StubServer:
    """State of the stub. `changed` is notified on every change; `until` waits for a condition with it."""

    def __init__(self, port: int = 0) -> None:
        self.changed = threading.Condition()
        self.jobs: list[dict[str, Any]] = []
        self.asked_for: list[int] = []
        self.claims: dict[str, list[dict[str, Any]]] = {}
        self.lines: dict[tuple[str, int, int], list[bytes]] = {}
        self.reports: list[tuple[str, int, str, str]] = []
        self.registered: list[dict[str, Any]] = []
        self.heartbeats = 0
        self.commands: dict[str, str] = {}
        self.fenced: set[tuple[str, str]] = set()
        self.bundles: dict[str, bytes] = {}
        self.checkpoints = b""
        self.without_database: dict[str, int] = {}
        self.too_large: int | None = None
        self.journal_at: dict[tuple[str, int, int], float] = {}
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                stub.answer(self)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: object) -> None:
                pass

        self.http = Server(("127.0.0.1", port), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def until(self, condition: Any, seconds: float = 30.0) -> Any:
        """Wait until `condition()` holds; its value. Also looks every 20 ms, for what happens outside the stub."""
        end = time.monotonic() + seconds
        with self.changed:
            while not (value := condition()):
                assert time.monotonic() < end, (
                    f"waited {seconds} s in vain; reports {self.reports}; {self.entries_all()}"
                )
                self.changed.wait(0.02)
        return value

    def entries_all(self) -> dict[Any, Any]:
        return {key: [line[:200] for line in lines[-5:]] for key, lines in self.lines.items()}

    def entries(self, run_id: str, attempt: int = 1, stream: int = 0) -> list[Any]:
        return [json.loads(line) for line in self.lines.get((run_id, attempt, stream), [])]

    def outcome(self, run_id: str, attempt: int = 1) -> str | None:
        states = [e[2] for e in self.entries(run_id, attempt) if isinstance(e, list) and e[0] == "s" and e[1] == 0]
        return states[-1] if states and states[-1] in {"completed", "failed", "cancelled"} else None

    def output(self, run_id: str, attempt: int = 1) -> list[str]:
        return [entry[5] for entry in self.entries(run_id, attempt, 1)[1:] if entry[0] == "l"]

    def give(self, job: dict[str, Any]) -> None:
        with self.changed:
            self.jobs.append(job)
            self.changed.notify_all()

    def cancel(self, run_id: str, reason: str = "asked for") -> None:
        with self.changed:
            self.commands[run_id] = reason
            self.changed.notify_all()

    # -- routes

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        parts = urlsplit(request.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        token = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        try:
            status, found = self.route(parts.path, query, body, token)
        except KeyError:
            status, found = 404, {"code": "not_found", "detail": parts.path}
        content = found if isinstance(found, bytes) else json.dumps(found).encode()
        try:
            request.send_response(status)
            request.send_header("Content-Length", str(len(content)))
            request.send_header("Content-Type", "application/json")
            request.end_headers()
            request.wfile.write(content)
        except OSError:
            request.close_connection = True

    def route(self, path: str, query: dict[str, str], body: bytes, token: str) -> tuple[int, Any]:
        for part, times in self.without_database.items():
            if part in path and times:
                self.without_database[part] -= 1
                return 503, {"code": "store_unavailable", "detail": "the database is away"}
        if match := RUN.fullmatch(path):
            run_id, what = match[1], match[2]
            if (run_id, token) in self.fenced:
                return 409, {"code": "fenced", "detail": "another attempt holds the run"}
            return getattr(self, f"on_{what}")(run_id, query, body)
        if match := BUNDLE.fullmatch(path):
            return 200, self.bundles[match[1]]
        return {"/api/v1/work/register": self.on_register, "/api/v1/work/claim": self.on_claim}[path](json.loads(body))

    def on_register(self, body: dict[str, Any]) -> tuple[int, Any]:
        with self.changed:
            self.registered.append(body)
            self.changed.notify_all()
        return 200, {"lease_seconds": 30.0, "protocol": 1}

    def on_claim(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.asked_for.append(body["slots"])
        end = time.monotonic() + body["wait"]
        with self.changed:
            if body["key"] in self.claims:
                return 200, {"jobs": self.claims[body["key"]]}
            while not self.jobs and (left := end - time.monotonic()) > 0:
                self.changed.wait(left)
            taken, self.jobs = self.jobs[: body["slots"]], self.jobs[body["slots"] :]
            self.claims[body["key"]] = taken
        return 200, {"jobs": taken}

    def on_heartbeat(self, run_id: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        end = time.monotonic() + json.loads(body)["wait"]
        with self.changed:
            self.heartbeats += 1
            self.changed.notify_all()
            while run_id not in self.commands and (left := end - time.monotonic()) > 0:
                self.changed.wait(left)
                if any(run_id == fenced for fenced, _ in self.fenced):
                    return 409, {"code": "fenced", "detail": "another attempt holds the run"}
                if any(key[0] == run_id and self.outcome(*key[:2]) for key in self.lines):
                    return 409, {"code": "fenced", "detail": "the attempt is over"}
            reason = self.commands.get(run_id)
        return 200, {"lease_seconds": 30.0, "command": "cancel" if reason else None, "reason": reason}

    def on_journal(self, run_id: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        key = (run_id, int(query["attempt"]), int(query["stream"]))
        lines, first = body.split(b"\n"), int(query["first"])
        assert lines.pop() == b""
        with self.changed:
            if self.too_large is not None and any(len(line) > self.too_large for line in lines):
                return 413, {"code": "too_large", "detail": "too large"}
            stored = self.lines.setdefault(key, [])
            if first > len(stored):
                return 409, {"code": "conflict", "detail": f"gap: have {len(stored)}, got {first}"}
            self.journal_at.setdefault(key, time.time())
            stored += lines[len(stored) - first :]
            self.changed.notify_all()
            return 200, {"acked": len(stored) - 1}

    def on_report(self, run_id: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        found = json.loads(body)
        with self.changed:
            self.reports.append((run_id, found["attempt"], found["event"], found["reason"]))
            self.changed.notify_all()
        return 200, {}

    def on_checkpoints(self, run_id: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        return 200, self.checkpoints
