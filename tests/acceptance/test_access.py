"""Who may ask, from where, and what a server refuses to be."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.repository import cluster, turnout, write
from tests.faults.cluster import Cluster
from tests.faults.ports import free_port

pytestmark = pytest.mark.slow

MANIFEST = "project: shop\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments: {}\n"
PATHS = ("/api/v1/runs", "/api/v1/deployments", "/api/v1/nothing", "/api/v1/openapi.json", "/api/v1/work/claim")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = cluster(write(tmp_path_factory.mktemp("access") / "shop", {"turnout.yaml": MANIFEST}))
    yield running
    running.stop()


def ask(shop: Cluster, path: str, *, method: str = "GET", token: bool = False, **headers: str) -> httpx.Response:
    if token:
        headers["Authorization"] = f"Bearer {(shop.data / 'admin.token').read_text().strip()}"
    return httpx.request(method, f"http://127.0.0.1:{shop.port}{path}", headers=headers, trust_env=False)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_learns_anything_without_a_credential(shop: Cluster, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer tn_admin_" + "x" * 43}, {"Authorization": "Basic eDp5"}):
        answer = ask(shop, path, **headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["fix"]


def test_foreign_host_and_origin_are_refused_even_with_the_token(shop: Cluster) -> None:
    assert ask(shop, "/api/v1/runs", token=True).status_code == 200
    refused = [
        ask(shop, "/api/v1/runs", token=True, Host="evil.example"),
        ask(shop, "/api/v1/runs", token=True, Host=f"evil.example:{shop.port}"),
        ask(shop, "/api/v1/plan", method="POST", token=True, Origin="https://evil.example"),
        ask(shop, "/api/v1/runs/x/cancel", method="POST", token=True, Origin="null"),
        ask(shop, "/health", Host="evil.example"),
    ]
    assert [answer.status_code for answer in refused] == [421, 421, 403, 403, 421]
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_server_beyond_loopback_without_tls_refuses_to_start(tmp_path: Path, host: str) -> None:
    folder = write(tmp_path / "shop", {"turnout.yaml": MANIFEST})
    done = turnout(folder, "server", "--host", host, "--port", str(free_port()))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    assert "TLS" in done.stderr
    assert "--tls-cert" in done.stderr
    assert "fix:" in done.stderr


def test_second_server_on_the_same_store_says_who_holds_it(shop: Cluster) -> None:
    done = turnout(shop.project, "server", "--port", str(free_port()))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"http://127.0.0.1:{shop.port}" in done.stderr or str(shop.pid_of("server")) in done.stderr


def test_port_in_use_is_named(shop: Cluster, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"turnout.yaml": MANIFEST.replace("shop", "other")})
    done = turnout(other, "server", "--port", str(shop.port))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(shop.port) in done.stderr
    assert "fix:" in done.stderr


def test_files_with_secrets_are_private(shop: Cluster) -> None:
    modes = {path.name: os.stat(path).st_mode & 0o777 for path in (shop.data, *shop.data.iterdir())}
    assert modes[".turnout"] == 0o700
    assert {modes[name] for name in modes if name.endswith((".token", ".json", ".db"))} == {0o600}
