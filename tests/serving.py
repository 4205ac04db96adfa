"""A real server for tests: uvicorn on a free port of loopback, SQLite in the given folder, stopped by the context."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from turnout.client import HttpAdminApi, HttpWorkApi
from turnout.core.records import Namespace
from turnout.core.snapshot import Concurrency, DeploymentSpec, PoolSpec, ScheduleSpec, Snapshot
from turnout.server.app import Ready, serve
from turnout.services.loop import Service
from turnout.settings import Settings

PROJECT = Namespace(project="field-plan")


@dataclass(frozen=True)
class Served:
    """A running server and ways to talk to it."""

    ready: Ready
    folder: Path

    @property
    def url(self) -> str:
        return self.ready.url

    def token(self, name: str = "admin") -> str:
        return (self.folder / f"{name}.token").read_text().strip()

    def admin(self) -> HttpAdminApi:
        return HttpAdminApi(self.url, self.token())

    def worker(self, pool: str = "default") -> HttpWorkApi:
        return HttpWorkApi(self.url, self.token(f"pool.{pool}"))

    def run(self, token: str) -> HttpWorkApi:
        return HttpWorkApi(self.url, token)

    def http(self, token: str | None = None, **headers: str) -> httpx.Client:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False)

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A client that has redeemed a login link."""
        with self.http() as client, self.admin() as api:
            answer = client.get(api.login_link())
            assert answer.status_code == 303, answer.text
            yield client


@contextmanager
def served(folder: Path, *, services: Sequence[Service] | None = (), **changes: Any) -> Iterator[Served]:
    """Serve from `folder`; without services unless told (None: the standard ones)."""
    settings = replace(Settings(data_dir=folder, port=0), **changes)
    told: list[Ready] = []
    failed: list[BaseException] = []
    up = threading.Event()

    def ready(found: Ready) -> None:
        told.append(found)
        up.set()

    def run() -> None:
        try:
            serve(settings, ready, services=services)
        except BaseException as error:
            failed.append(error)
        finally:
            up.set()

    thread = threading.Thread(target=run, name="server")
    thread.start()
    assert up.wait(30)
    if failed:
        thread.join()
        raise failed[0]
    try:
        yield Served(told[0], folder)
    finally:
        told[0].stop()
        thread.join(30)
        assert not thread.is_alive(), "the server does not stop"
        if failed:
            raise failed[0]


def deployment(name: str, **changes: Any) -> DeploymentSpec:
    """A deployment of a flow with one integer parameter."""
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"states": {"type": "integer"}},
        "additionalProperties": False,
    }
    spec = DeploymentSpec(name=name, flow_name=name, entrypoint=f"flows/{name}.py:main", parameter_schema=schema)
    return replace(spec, **changes)


def packed(files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """A bundle of these files, and its digest before it."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return hashlib.sha256(content.getvalue()).hexdigest(), content.getvalue()


def snapshot(*specs: DeploymentSpec, **changes: Any) -> Snapshot:
    """A snapshot of these deployments."""
    named = {spec.name: spec for spec in specs}
    pools = {spec.pool: PoolSpec() for spec in specs}
    return replace(Snapshot(project=PROJECT.project, deployments=named, pools=pools), **changes)


def field_plan() -> Snapshot:
    """Four deployments with a schedule, a chain, a limit and a second pool."""
    daily = ScheduleSpec(slug="daily", cron="0 6 * * *", timezone="America/New_York")
    return snapshot(
        deployment("load", schedules=(daily,), tags=("nightly",), description="Loads ZIP codes."),
        deployment("turf", after=("load",)),
        deployment("export", concurrency=Concurrency(limit=1)),
        deployment("heavy", pool="heavy"),
    )


def apply(api: HttpAdminApi, wanted: Snapshot) -> Mapping[str, Any]:
    """Apply without code."""
    return api.apply(wanted, bundle=None, commit="8970c6b", author="Ada", message="first", allow_removals=True)


def register(api: HttpWorkApi, worker_id: str = "w1", pool: str = "default", capacity: int = 10) -> None:
    """Say hello as a worker."""
    api.register(worker_id=worker_id, name=worker_id, project=PROJECT.project, pool=pool, capacity=capacity, holding=[])


def end_sessions(server: Served) -> None:
    """Log every browser out."""
    with server.http(server.token()) as http:
        for one in http.get("/api/v1/credentials").json():
            if one["kind"] == "session":
                http.delete(f"/api/v1/credentials/{one['id']}").raise_for_status()
