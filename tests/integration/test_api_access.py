"""Closed from day one: every route, every kind of credential, every odd spelling, foreign pages and hosts."""

import re
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.serving import PROJECT, Served, apply, deployment, field_plan, register, served, snapshot
from turnout.core import errors
from turnout.core.jobs import Job
from turnout.core.records import Namespace
from turnout.core.tokens import flow_token
from turnout.server import gate
from turnout.server.routing import Route
from turnout.server.table import ROUTES
from turnout.server.ui import BuiltUi

PUBLIC = {("GET", "/health"), ("GET", "/login")}
"""Frozen: a route that joins them has to be argued for here."""
AFTER_LOGIN = "/" if BuiltUi().built else "/status"
WITH_ITS_OWN = {("POST", "/api/v1/deploy/oidc"), ("POST", "/api/v1/source/webhook")}
"""Frozen: what takes its credential in its body, or its signature. test_api_identity.py and test_webhook.py show what
they refuse."""
OF_FLOWS = {
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/runs"),
    ("GET", "/api/v1/runs/{id}"),
    ("GET", "/api/v1/runs/{id}/history"),
    ("GET", "/api/v1/runs/{id}/tasks"),
    ("GET", "/api/v1/runs/{id}/logs"),
    ("GET", "/api/v1/runs/{id}/artifacts"),
    ("GET", "/api/v1/runs/{id}/question"),
    ("POST", "/api/v1/runs/{id}/question/check"),
    ("POST", "/api/v1/runs/{id}/resume"),
    ("GET", "/api/v1/runs/{id}/inputs"),
    ("POST", "/api/v1/runs/{id}/inputs"),
    ("GET", "/api/v1/values/{kind}"),
    ("GET", "/api/v1/values/{kind}/{name}"),
    ("PUT", "/api/v1/values/{kind}/{name}"),
    ("DELETE", "/api/v1/values/{kind}/{name}"),
    ("POST", "/api/v1/events"),
    ("GET", "/api/v1/events"),
    ("GET", "/api/v1/deployments"),
    ("GET", "/api/v1/deployments/{name}"),
    ("POST", "/api/v1/deployments/{name}/runs"),
    ("POST", "/api/v1/work/runs/{id}/slots"),
    ("DELETE", "/api/v1/work/runs/{id}/slots"),
}
"""Frozen as well: what the code of a run may call; test_flow_token.py: each is for its own namespace alone."""
NO_ID = "0" * 32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("access")) as running, running.admin() as api:
        apply(api, field_plan())
        yield running


@pytest.fixture(scope="module")
def job(server: Served) -> Job:
    with server.admin() as api, server.worker() as worker:
        api.trigger("load", namespace=PROJECT)
        register(worker)
        return worker.claim(worker_id="w1", key="access", slots=1, wait=5)[0]


def address(route: Route) -> str:
    return (
        route.path.replace("{id}", NO_ID)
        .replace("{name}", "load")
        .replace("{kind}", "variable")
        .replace("{digest}", "a" * 64)
    )


def each(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=each)
def test_no_route_answers_without_a_credential(server: Served, route: Route) -> None:
    wrong = {"Authorization": "Bearer tn_admin_" + "A" * 43}
    with server.http() as http:
        bare = http.request(route.method, address(route))
        guessed = http.request(route.method, address(route), headers=wrong)
    if (route.method, route.path) in PUBLIC:
        assert bare.status_code == 200
        return
    assert (bare.status_code, guessed.status_code) == (401, 401)
    assert bare.json()["code"] == "unauthorized"
    assert bare.content == guessed.content, "a missing and a wrong credential are told the same"


def test_the_public_routes_are_these(server: Served) -> None:
    assert {(route.method, route.path) for route in ROUTES if not route.access} == PUBLIC | WITH_ITS_OWN


def test_the_routes_of_flows_are_these(server: Served) -> None:
    assert {(route.method, route.path) for route in ROUTES if "flow" in route.access} == OF_FLOWS


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_no_method_answers_without_a_credential(server: Served, method: str) -> None:
    with server.http() as http:
        for path in {address(route) for route in ROUTES}:
            answer = http.request(method, path)
            allowed = path in ("/health", "/login") and method in ("GET", "HEAD")
            assert answer.status_code == (200 if allowed else 401), (method, path)
            assert "access-control-allow-origin" not in answer.headers


ODD = [
    "/api/v1/runs/health", "/api/v1/runs/login", "/api/v1/runs/..%2f..%2f..%2fhealth", "/health/", "/health/../status",
    "//health", "/HEALTH", "/health%00", "/health;x", "/Status", "/status/", "/%73tatus", "/status%2f", "/api/v1/runs/",
    "/api//v1/runs", "/api/v1/runs;x=/health", "/api/v1/static", "/static/page.js", "/page.js", "/favicon.ico", "/docs",
    "/openapi.json", "/login/x", "/api/v1/login", "/api/v1/runs?x=/health", "/api/v1/runs#health", "/.well-known/x",
    "/api/v1/deployments/health", "/api/v1/deployments/%2e%2e%2fhealth/runs", "/\\health", "/health%20", "/ready",
]  # fmt: skip


@pytest.mark.parametrize("path", ODD)
def test_odd_paths_open_nothing(server: Served, path: str) -> None:
    status, _ = raw_request(server, path)
    assert status in (400, 401), path


def cookies(values: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in values.items())}


def raw_request(server: Served, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> tuple[int, str]:
    """Send exactly these bytes: clients tidy paths up."""
    url = httpx.URL(server.url)
    lines = [f"{method} {path} HTTP/1.1", *headers]
    if not any(line.lower().startswith("host:") for line in headers):
        lines.append(f"Host: {url.host}:{url.port}")
    with socket.create_connection((url.host, url.port or 80), timeout=10) as peer:
        peer.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    head = answer.decode(errors="replace")
    return int(head.split(" ", 2)[1]), head


@pytest.mark.parametrize("route", ROUTES, ids=each)
def test_each_kind_of_credential_reaches_its_routes_only(
    server: Served, job: Job, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnout.server.routes.live.STREAM_SECONDS", 0.01)
    tokens = {"admin": server.token(), "worker": server.token("pool.default"), "run": job.token}
    tokens["flow"] = flow_token(job.token)
    for kind, token in tokens.items():
        with server.http(token) as http:
            answer = http.request(route.method, address(route))
        refused = bool(route.access) and kind not in route.access
        assert (answer.status_code == 403) == refused, (kind, answer.text)
        assert answer.status_code < 500 or "The UI is not built" in answer.text, answer.text
    if route.path not in ("/login", "/logout"):
        with server.browser() as browser:
            headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
            answer = browser.request(route.method, address(route), headers=headers)
        assert (answer.status_code == 403) == (bool(route.access) and "session" not in route.access)


def test_a_pool_token_serves_its_pool_only(server: Served, job: Job) -> None:
    with server.worker("heavy") as heavy:
        for call in (
            lambda: heavy.claim(worker_id="w1", key="x", slots=1, wait=0),
            lambda: heavy.heartbeat(job.run.id, 1, wait=0),
            lambda: heavy.ship(job.run.id, 1, 0, 0, b"{}\n"),
            lambda: heavy.report(job.run.id, 1, "lost", "x"),
            lambda: heavy.checkpoints(job.run.id, 1),
            lambda: register(heavy, "w9", "default"),
            lambda: register(heavy, "w1", "heavy"),
        ):
            with pytest.raises(errors.Forbidden):
                call()


def test_a_projects_pool_token_serves_no_other_project(server: Served, job: Job) -> None:
    with server.admin() as api:
        apply(api, replace(snapshot(deployment("theirs")), project="other"))
        theirs = api.trigger("theirs", namespace=Namespace(project="other"))
    with server.worker("default@other") as other:
        for call in (
            lambda: other.claim(worker_id="w1", key="y", slots=1, wait=0),
            lambda: other.heartbeat(job.run.id, 1, wait=0),
            lambda: other.ship(job.run.id, 1, 0, 0, b"{}\n"),
            lambda: other.report(job.run.id, 1, "lost", "x"),
            lambda: other.checkpoints(job.run.id, 1),
            lambda: register(other, "w8"),
            lambda: register(other, "w1"),
        ):
            with pytest.raises(errors.Forbidden):
                call()
        other.register(worker_id="w7", name="w7", project="other", pool="default", capacity=1, holding=[])
        (mine,) = other.claim(worker_id="w7", key="z", slots=1, wait=5)
        assert mine.run.id == theirs.id
        assert other.heartbeat(theirs.id, 1, wait=0).command is None


def test_a_run_token_serves_its_run_and_attempt_only(server: Served, job: Job) -> None:
    with server.admin() as api:
        other = api.trigger("export", namespace=PROJECT)
    with server.run(job.token) as mine:
        with pytest.raises(errors.Forbidden):
            mine.heartbeat(other.id, 1, wait=0)
        with pytest.raises(errors.Forbidden):
            mine.ship(other.id, 1, 0, 0, b"{}\n")
        with pytest.raises(errors.Fenced):
            mine.heartbeat(job.run.id, 2, wait=0)
        with pytest.raises(errors.NotFound):
            mine.heartbeat(NO_ID, 1, wait=0)


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "localhost@evil.test", "", "a b"])
def test_a_foreign_host_is_refused(server: Served, host: str) -> None:
    for path in ("/health", "/status", "/api/v1/runs"):
        status, _ = raw_request(server, path, f"Host: {host}", f"Authorization: Bearer {server.token()}")
        assert status in (400, 421), (host, path)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]", "localhost."])
def test_loopback_names_are_ours(server: Served, host: str) -> None:
    assert raw_request(server, "/health", f"Host: {host}")[0] == 200


def test_two_hosts_are_refused(server: Served) -> None:
    assert raw_request(server, "/health", "Host: localhost", "Host: evil.test")[0] in (400, 421)


def test_a_foreign_page_is_refused_whoever_asks(server: Served) -> None:
    for origin in ("http://evil.test", "null", "http://localhost.evil.test", "https://127.0.0.1", "http://127.0.0.1:1"):
        with server.http(server.token(), Origin=origin) as http:
            assert http.get("/api/v1/runs").status_code == 403, origin
        with server.http(Origin=origin) as http:
            assert http.get("/health").status_code == 403
            answer = http.options("/api/v1/runs", headers={"Access-Control-Request-Method": "POST"})
            assert "access-control-allow-origin" not in answer.headers


FORGED: list[dict[str, str]] = [
    {"Content-Type": "application/json"},
    {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
    {"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"},
    {"Content-Type": "application/json", "Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"},
    {"Content-Type": "text/plain", "Sec-Fetch-Site": "same-origin"},
    {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
    {"Content-Type": "multipart/form-data; boundary=x", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FORGED)
def test_a_forged_request_with_a_session_changes_nothing(server: Served, headers: dict[str, str]) -> None:
    path = "/api/v1/deployments/turf/runs?project=field-plan"
    with server.browser() as browser:
        answer = browser.post(path, content=b'{"parameters": {}}', headers=headers)
        assert answer.status_code in (403, 415), answer.text
        found = browser.get("/api/v1/runs?deployment=turf").json()
        assert found["items"] == []


def test_a_session_may_act_from_its_own_page(server: Served) -> None:
    with server.browser() as browser:
        own = {"Content-Type": "application/json", "Origin": server.url}
        made = browser.post("/api/v1/deployments/load/runs?project=field-plan", content=b"{}", headers=own)
        assert made.status_code == 201
        assert made.json()["created_by"] == "session:admin"
        assert browser.get("/status", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).is_success
        assert browser.get("/api/v1/runs", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_login_link_works_once_and_sets_a_guarded_cookie(server: Served) -> None:
    with server.admin() as api:
        link = api.login_link()
    with server.http() as http:
        first = http.get(link)
        cookie = first.headers["set-cookie"]
        assert (first.status_code, first.headers["location"]) == (303, AFTER_LOGIN)
        assert all(flag in cookie for flag in ("HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Secure" not in cookie
        assert "__Host-" not in cookie
    with server.http() as http:
        again = http.get(link, headers={"Accept": "text/html"})
        assert again.status_code == 401
        assert "used already" in again.text
        assert "set-cookie" not in again.headers
        assert http.get("/login?token=//evil.test&next=//evil.test").status_code == 422


def test_after_login_nothing_leads_elsewhere(server: Served) -> None:
    for extra in ("&next=//evil.test", "&next=\\evil", "&redirect=http://evil.test"):
        with server.admin() as api, server.http() as http:
            answer = http.get(api.login_link() + extra)
        assert answer.headers.get("location", AFTER_LOGIN) == AFTER_LOGIN


def test_a_session_ends_with_logout_and_is_renewed_by_login(server: Served) -> None:
    with server.browser() as browser:
        kept = dict(browser.cookies)
        with server.admin() as api:
            browser.get(api.login_link())
        with server.http() as thief:
            assert thief.get("/status", headers=cookies(kept)).status_code == 401, (
                "a login ends the browser's old session"
            )
        kept = dict(browser.cookies)
        assert browser.post("/logout", headers={"Origin": server.url}).status_code == 303
        with server.http() as thief:
            assert thief.get("/status", headers=cookies(kept)).status_code == 401
            fixed = dict.fromkeys(kept, "tn_session_" + "B" * 43)
            assert thief.get("/status", headers=cookies(fixed)).status_code == 401


def test_a_bearer_token_is_never_taken_from_a_cookie(server: Served) -> None:
    with server.browser() as browser:
        names = list(dict(browser.cookies))
    with server.http() as http:
        assert http.get("/api/v1/runs", headers=cookies({name: server.token() for name in names})).status_code == 401
        assert http.get(f"/api/v1/runs?token={server.token()}").status_code == 401
        assert http.get("/api/v1/runs", headers={"Authorization": f"Basic {server.token()}"}).status_code == 401


def test_forwarded_headers_of_strangers_mean_nothing(server: Served) -> None:
    headers = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
    with server.http(server.token(), **headers) as http:
        link = http.post("/api/v1/login-links").json()["url"]
    assert link.startswith(server.url + "/login?token=")


def test_files_are_for_their_owner_alone(server: Served) -> None:
    names = ["admin.token", "pool.default.token", "pool.heavy.token", "pool.heavy@field-plan.token", "server.json",
             "turnout.db", "turnout.lock",
             "logs/server.log"]  # fmt: skip
    for name in names:
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == 0o600, name
    for name in (".", "logs"):
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == 0o700, name


def test_no_usable_token_rests_in_the_database_or_the_log(server: Served, job: Job) -> None:
    with server.browser() as browser:
        sessions = dict(browser.cookies).values()
    for path in [*server.folder.glob("turnout.db*"), *server.folder.glob("logs/*")]:
        content = path.read_bytes()
        assert not re.search(rb"tn_(admin|worker|run|flow|session|login)_[A-Za-z0-9_-]{43}", content), path.name
        assert not any(session.encode() in content for session in sessions)


def test_every_answer_carries_the_safety_headers(server: Served) -> None:
    with server.browser() as browser:
        for path in ("/status", "/health", "/nowhere", "/page.js", "/api/v1/runs"):
            headers = browser.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "server" not in headers


def test_health_tells_nothing_else(server: Served) -> None:
    with server.http() as http:
        assert http.get("/health").content == b'{"ok":true}'


def test_a_second_server_on_the_same_folder_is_refused(server: Served) -> None:
    before = (server.folder / "server.json").read_bytes()
    with pytest.raises(errors.StoreLocked), served(Path(server.folder)):
        pass
    assert (server.folder / "server.json").read_bytes() == before


def test_a_pools_token_for_every_project_is_refused_over_the_network(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"worker_id": "w9", "key": "k", "slots": 1, "wait": 0}
    with server.http(server.token("pool.heavy")) as wide, server.http(server.token("pool.heavy@field-plan")) as narrow:
        here = [each.post("/api/v1/work/claim", json=body).status_code for each in (wide, narrow)]
        monkeypatch.setattr(gate, "_address", lambda scope: "10.0.0.5")
        refused, other = (each.post("/api/v1/work/claim", json=body) for each in (wide, narrow))
    assert (here, other.status_code) == ([404, 404], 404)  # there is no such worker
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "pool.heavy@PROJECT.token" in refused.json()["fix"]
