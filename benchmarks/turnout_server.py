"""A Turnout server as a process, on a data folder of its own, with deployments."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import ask, get, post
from benchmarks.measure import environment
from turnout.client import HttpAdminApi, HttpWorkApi
from turnout.core.records import Namespace
from turnout.core.snapshot import DeploymentSpec, PoolSpec, ScheduleSpec, Snapshot

NAMESPACE = Namespace(project="bench")


class TurnoutServer:
    """A running server."""

    name = "turnout"

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], url: str) -> None:
        self.folder = folder
        self.process = process
        self.url = url
        parts = urlsplit(url)
        self.address = (str(parts.hostname), int(parts.port or 80))
        self.host = f"{self.address[0]}:{self.address[1]}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def token(self, name: str = "admin") -> str:
        return (self.folder / f"{name}.token").read_text().strip()

    def admin(self) -> HttpAdminApi:
        return HttpAdminApi(self.url, self.token())

    def worker(self) -> HttpWorkApi:
        return HttpWorkApi(self.url, self.token("pool.default"))

    @property
    def bearer(self) -> dict[str, str]:
        """The header with which an administrator asks."""
        return {"Authorization": f"Bearer {self.token()}"}

    def creation(self) -> bytes:
        """The request that makes one run."""
        return post(self.host, "/api/v1/deployments/flow-0/runs?project=bench", b"{}", self.bearer)

    def listing(self) -> bytes:
        """The request for the newest fifty runs."""
        return get(self.host, "/api/v1/runs?limit=50", self.bearer)

    def apply(self, deployments: int, *, scheduled: bool = False, bundle: str | None = None) -> None:
        """Deploy `deployments` flows, `flow-0` on; `scheduled`: each with a schedule at its own minute of the day."""
        specs = {f"flow-{number}": _deployment(number, scheduled) for number in range(deployments)}
        wanted = Snapshot(project=NAMESPACE.project, deployments=specs, pools={"default": PoolSpec()})
        with self.admin() as api:
            api.apply(wanted, bundle=bundle, commit="8970c6b", author="bench", message="bench", allow_removals=True)


@contextlib.contextmanager
def turnout_server(folder: Path, database: str | None = None) -> Iterator[TurnoutServer]:
    """A server from start to stop; `database`: a PostgreSQL URL, None for SQLite in `folder`."""
    environ = environment(folder) | ({"TURNOUT_DATABASE": database} if database else {})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.json").unlink(missing_ok=True)
    with (folder / "server.out").open("wb") as out:
        command = [sys.executable, "-m", "turnout", "server", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield TurnoutServer(folder, process, _url(folder, process))
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _url(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """The server's address, once it answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            url = str(json.loads((folder / "server.json").read_bytes())["url"])
            parts = urlsplit(url)
            if ask((str(parts.hostname), int(parts.port or 80)), get(parts.netloc, "/health"))[0] == 200:
                return url
        time.sleep(0.02)
    raise RuntimeError(f"the server did not start:\n{(folder / 'server.out').read_text()[-2000:]}")


def _deployment(number: int, scheduled: bool) -> DeploymentSpec:
    minute, hour = number % 60, number // 60 % 24
    schedules = (ScheduleSpec(slug="daily", cron=f"{minute} {hour} * * *"),) if scheduled else ()
    name = f"flow-{number}"
    return DeploymentSpec(
        name=name, flow_name=name, entrypoint=f"flows/{number}.py:main", schedules=schedules, tags=("bench",)
    )
