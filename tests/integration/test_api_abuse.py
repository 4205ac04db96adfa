"""Hostile input: every answer is a 4xx in words, never a 500, and nothing changes."""

import contextlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serving import PROJECT, Served, apply, field_plan, register, served
from turnout.core.limits import BODY_BYTES, BUNDLE_BYTES, HEAD_BYTES, JOURNAL_BATCH_BYTES
from turnout.server.routing import Route
from turnout.server.table import ROUTES

JSON = {"Content-Type": "application/json"}
TRIGGER = "/api/v1/deployments/load/runs?project=field-plan"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("abuse")) as running, running.admin() as api, running.worker() as worker:
        apply(api, field_plan())
        register(worker)
        yield running


@pytest.fixture
def http(server: Served) -> Iterator[httpx.Client]:
    with server.http(server.token()) as client:
        yield client


def refused(answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert problem["detail"]


BODIES: list[bytes] = [
    b"[" * 100_000, b'{"parameters":' * 5000, b"{", b"null", b"[]", b"1", b'"x"', b"\xff", b"\x00", b"NaN",
    b'{"parameters": {"a": NaN}}', b'{"parameters": {"a": Infinity}}', b'{"parameters": {"a": 1e999}}',
    b'{"parameters": {"states": ' + b"9" * 900_000 + b"}}", b'{"parameters": {"a": "\\ud800"}}',
    b'{"parameters": []}', b'{"parameters": {"states": "three"}}', b'{"parameters": {"x": 1}}', b'{"tags": [1]}',
    b'{"due_at": "tomorrow"}', b'{"due_at": "2026-01-01T00:00:00"}', b'{"due_at": "99999-01-01T00:00:00Z"}',
    b'{"state": "completed"}', b'{"created_by": "root"}', b'{"attempt": 9}', b'{"project": "other"}',
    b'{"tags": ["' + b"x" * 5000 + b'"]}', b'{"parameters": {"states": {"a": ' + b"[" * 70 + b"]" * 70 + b"}}}",
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:32]))
def test_odd_json_starts_no_run(server: Served, http: httpx.Client, body: bytes) -> None:
    before = http.get("/api/v1/runs?deployment=load").json()["items"]
    refused(http.post(TRIGGER, content=body, headers=JSON))
    assert http.get("/api/v1/runs?deployment=load").json()["items"] == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=lambda route: route.path)
@pytest.mark.parametrize("body", [b"[" * 100_000, b"null", b"{", b'{"role": "admin"}', b"\xff"])
def test_odd_json_is_refused_everywhere(server: Served, route: Route, body: bytes) -> None:
    path = route.path.replace("{id}", "0" * 32).replace("{name}", "load")
    with server.http(server.token("pool.default" if "worker" in route.access else "admin")) as client:
        refused(
            client.request(
                route.method, path + "?project=field-plan" * ("{name}" in route.path), content=body, headers=JSON
            )
        )


QUERIES = [
    "limit=0", "limit=99999", "limit=-1", "limit=x", "after='; DROP TABLE runs;--", "state=done", "since=yesterday",
    "unknown=1", "project=../../etc", "project=" + "x" * 100, "text=" + "x" * 5000, "environment=%00",
    "tag=" + "y" * 2000,
    "project=A", "since=2026-13-01T00:00:00Z", "limit=1&limit=x",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_odd_conditions_are_refused(http: httpx.Client, query: str) -> None:
    refused(http.get(f"/api/v1/runs?{query}"))


@pytest.mark.parametrize(
    "text", ["'", '"', "%", "_", "\\", "[a-", "🚂", "\x00", "' OR 1=1 --", "*", "load' UNION SELECT 1"]
)
def test_texts_are_looked_for_as_they_are(http: httpx.Client, text: str) -> None:
    for name in ("text", "flow", "tag"):
        answer = http.get("/api/v1/runs", params={name: text})
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"] == []


@pytest.mark.parametrize(
    "run_id", ["%2e%2e", "..%2f..%2fadmin.token", "%00", "0" * 31, "0" * 33, "G" * 32, "..\\x", "%c0%ae", "x" * 4000]
)
def test_odd_ids_name_nothing(http: httpx.Client, run_id: str) -> None:
    for path in (f"/api/v1/runs/{run_id}", f"/api/v1/runs/{run_id}/logs", f"/runs/{run_id}"):
        assert http.get(path).status_code == 404, path


def test_bodies_beyond_their_limits_are_refused_as_soon_as_they_are_known(server: Served, http: httpx.Client) -> None:
    sizes = {TRIGGER: BODY_BYTES, "/api/v1/bundles/" + "a" * 64: BUNDLE_BYTES}
    for path, limit in sizes.items():
        method = "PUT" if "bundles" in path else "POST"
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token()}\r\n"
        address = (http.base_url.host, http.base_url.port or 80)
        with socket.create_connection(address, timeout=10) as peer:
            # The body itself never comes: its announced length is enough.
            peer.sendall(f"{head}Content-Length: {limit + 1}\r\n\r\n".encode())
            assert peer.recv(12) == b"HTTP/1.1 413"
    endless = (b" " * 65536 for _ in range(64))
    assert http.post(TRIGGER, content=endless, headers=JSON).status_code == 413


def connected(server: Served) -> socket.socket:
    address = httpx.URL(server.url)
    return socket.create_connection((address.host, address.port or 80), timeout=20)


ENDLESS_BYTES = 1000 * HEAD_BYTES
"""Far beyond what the sockets' buffers take in before the server says that it is enough."""


@pytest.mark.parametrize(
    "begin",
    [
        b"GET /health HTTP/1.1\r\nX: ",
        b"GET /",
        b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 2,
        b"POST /api/v1/apply HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
        b"POST /api/v1/apply HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["header", "path", "headers", "trailer", "chunk"],
)
def test_an_endless_head_is_cut_off_before_anybody_is_asked_for(server: Served, begin: bytes) -> None:
    with connected(server) as peer:
        peer.sendall(begin)
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < ENDLESS_BYTES:
                peer.sendall((b"X: y\r\n" if begin.endswith(b"\n") else b"yyyyyy") * 1000)
                sent += 6000
        assert sent < ENDLESS_BYTES


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET /health HTTP/1.1\r\nHost: loc",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea",
        b"POST /api/v1/apply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "half a head", "half a second head", "half a body that nobody reads"],
)
def test_a_slow_stranger_does_not_keep_its_connection(
    server: Served, begin: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnout.server.protocol.HEAD_SECONDS", 0.2)
    with connected(server) as peer:
        peer.sendall(begin)
        with contextlib.suppress(ConnectionResetError):
            while peer.recv(4096):
                pass


def test_a_long_poll_and_a_second_request_outlive_the_time_of_a_head(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnout.server.protocol.HEAD_SECONDS", 0.1)
    claim = {"worker_id": "w1", "key": "poll", "slots": 1, "wait": 0.5}
    with server.http(server.token("pool.default")) as client:
        for _ in range(2):
            assert client.post("/api/v1/work/claim", json=claim).status_code == 200


def test_a_journal_batch_has_its_own_limit(server: Served) -> None:
    with server.http(server.token("pool.default")) as client:
        path = "/api/v1/work/runs/" + "0" * 32 + "/journal?attempt=1&stream=0&first=0"
        assert client.post(path, content=b"x" * (JOURNAL_BATCH_BYTES + 1)).status_code == 413
        assert client.post(path, content=b"x\n" * (JOURNAL_BATCH_BYTES // 2)).status_code == 404


JOURNAL = "/api/v1/work/runs/{}/journal?attempt=1&stream=0&first={}"
JOURNALS: list[bytes] = [
    b"no newline", b"\n", b"{}\n", b"null\n", b"[" * 50_000 + b"\n", b'["c"]\n', b'["s", 0]\n', b'["zz", 1]\n',
    b"\xff\n", b'["l", 0, "x", "y", 1, 2]\n', b'["c", -1, 0, "task", "k", "n", 1, "pending", null]\n',
    b'["s", 0, "done", 1, null]\n',
    b'["s", 0, "running", 1e300, null]\n', b'["c", 99999999999999999999, 0, "task", "k", "n", 1, "pending", null]\n',
    b'["a", 0, 1, "markdown", null, []]\n', b'["c", 1, 0, "task", {"a": 1}, ["n"], 1, "pending", 7]\n', b"\x00\n",
    b'["l", 0, 1e400, 20, "x", "y"]\n', b'["l", 0, 1, 1e30, "x", "y"]\n', b'["s", 1, "completed", 1, {"try": "x"}]\n',
    b'["c", 1, 0, "task", "k", "n", 1e300, "pending", {"upstream": 3}]\n', b'["l", 0, NaN, 20, "x", "y"]\n',
    b'["l", 0, 1, 20, "\\ud800", "\\udfff"]\n', b'["l", 0, 1, 1%s, "x", "y"]\n' % (b"0" * 400),
    b'["l", 0, 1, %s, "x", "y"]\n' % (b"9" * 1_000_000), b'["a", 0, 1, "markdown", "k", []]\n',
    b'["a", 0, 1, "zzz", "\\ud800", {"\\ud800": "\\ud800"}]\n', b'["a", 0, 1, "table", "k", "x"]\n',
    b'["a", 0, 1, "progress", "k", {"progress": 1%s}]\n' % (b"0" * 400),
    b'["a", 0, 1, "table", "k", {"rows": [{"a": 1}], "columns": [{"x": 1}, []]}]\n',
    b'["a", 0, 1, "image", "k", {"media_type": ["x"], "base64": "AAAA"}]\n',
    b'["a", 0, 1, "zzz", "k", {"a": ' + b"[" * 900 + b"]" * 900 + b"}]\n",
    b'["s", 0, "failed", 1, {"reason": {"a": 1}}]\n', b'["s", 0, "failed", 1, {"error": "x"}]\n',
    b'["s", 0, "failed", 1, {"error": {"type": "T", "message": "\\ud800"}}]\n',
    b'["s", 0, "failed", 1, {"name": ["x"], "reason": "y"}]\n', b'["s", 0, "cancelled", 1, {"reason": [1]}]\n',
    b'["c", 1, 0, "task", "\\ud800", "\\u0000", 1, "pending", {"tags": ["\\ud800"]}]\n',
    b'["s", 1, "running", 1, {"name": 7}]\n', b'["s", 1, "completed", 2, {"result": 5}]\n',
    b'["s", 1, "running", 1, null]\n["s", 1, "completed", 2, {"result": {"inline": "\\ud800"}}]\n',
    b'["s", 1, "failed", 2, {"reason": "\\ud800"}]\n', b'["s", 1, "failed", 2, {"reason": {"a": 1}}]\n',
    b'["l", 0, 1, 20, "x", "y"],["l", 0, 1, 20, "x", "y"]\n["l", 0, 1, 20, "x"\n"y"]\n',
]  # fmt: skip


@pytest.mark.parametrize("lines", JOURNALS, ids=lambda lines: repr(lines[:40]))
def test_odd_journals_break_nothing(server: Served, http: httpx.Client, lines: bytes) -> None:
    with server.admin() as api, server.worker() as worker:
        made = api.trigger("load", namespace=PROJECT)
        (job,) = worker.claim(worker_id="w1", key=made.id, slots=1, wait=5)
        with server.http(job.token) as mine:
            for first in (0, 1):
                answer = mine.post(JOURNAL.format(made.id, first), content=lines)
                assert answer.status_code < 500, answer.text
            assert mine.get(f"/api/v1/work/runs/{made.id}/checkpoints?attempt=1").status_code == 200
        for part in ("", "/logs", "/tasks", "/artifacts", "/history"):
            assert http.get(f"/api/v1/runs/{made.id}{part}").status_code == 200, part
        assert http.get(f"/status/runs/{made.id}").status_code == 200
        assert http.get("/status").status_code == 200
        worker.report(made.id, 1, "lost", "test is over")


def test_what_nobody_foresaw_is_told_as_an_incident_only(
    server: Served, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(call: object) -> None:
        raise RuntimeError("secret text of the server")

    for route in ROUTES:
        if route.path in ("/api/v1/workers", "/status"):
            monkeypatch.setattr(route.handler, "__code__", broken.__code__)
    for path, headers in (("/api/v1/workers?debug=1", {"X-Debug": "1"}), ("/status", {"Accept": "text/html"})):
        answer = http.get(path, headers=headers)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        incident = re.search(r"incident ([\w-]{12})", answer.text)
        assert incident
        log = (server.folder / "logs" / "server.log").read_text()
        assert incident.group(1) in log
        assert "secret text of the server" in log


def test_nothing_hostile_splits_a_log_record(server: Served, http: httpx.Client) -> None:
    http.get("/api/v1/runs/x%0d%0aFORGED%20INFO", headers={"User-Agent": "a\x1b[31m"})
    for line in (server.folder / "logs" / "server.log").read_text().splitlines():
        assert re.match(r"\d{4}-|    ", line), line


def test_a_bundle_is_what_its_digest_says(http: httpx.Client) -> None:
    refused(http.put("/api/v1/bundles/" + "a" * 64, content=b"other"))
    refused(http.put("/api/v1/bundles/..%2fx", content=b"other"))


def test_a_storm_of_guesses_finds_nothing(tmp_path: Path) -> None:
    # A server of its own: the storm uses up the guesses that this address has.
    with served(tmp_path) as server, server.http() as client:
        for number in range(200):
            guess = "tn_admin_" + f"{number:043d}"
            assert client.get("/api/v1/runs", headers={"Authorization": f"Bearer {guess}"}).status_code == 401


def test_odd_credentials_are_refused(server: Served) -> None:
    odd = ["Bearer", "bearer x", "Basic eA==", "tn_admin_x", "Bearer " + "x" * 5000, "Bearer tn_run_" + "é" * 43]
    with server.http() as client:
        for value in odd:
            answer = client.get("/api/v1/runs", headers={"Authorization": value.encode()})
            assert answer.status_code == 401, value


def test_parameters_beyond_their_limit_start_nothing(http: httpx.Client) -> None:
    refused(http.post(TRIGGER, content=b'{"parameters": {"states": "' + b"x" * 300_000 + b'"}}', headers=JSON))


def test_idempotency_keys_are_of_a_sane_length(http: httpx.Client) -> None:
    refused(http.post(TRIGGER, headers={"Idempotency-Key": "k" * 300}))
