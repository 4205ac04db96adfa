"""A Prefect server as a process, from an environment of its own: the peer of the benches that need one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.load import ask, get, post
from benchmarks.peers import PeerMissing
from benchmarks.processes import free_port


class PrefectServer:
    """A running server, with a flow to make runs of."""

    name = "prefect"

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.address = ("127.0.0.1", port)
        self.host = f"127.0.0.1:{port}"
        self._flow = ""

    @property
    def pid(self) -> int:
        return self.process.pid

    def creation(self) -> bytes:
        """The request that makes one run."""
        if not self._flow:
            status, body = ask(self.address, post(self.host, "/api/flows/", b'{"name": "bench"}'))
            if status not in (200, 201):
                raise PeerMissing(f"Prefect makes no flow: {status} {body[:200]!r}")
            self._flow = json.loads(body)["id"]
        wanted = {"flow_id": self._flow, "state": {"type": "SCHEDULED"}}
        return post(self.host, "/api/flow_runs/", json.dumps(wanted).encode())

    def listing(self) -> bytes:
        """The request for the newest fifty runs."""
        return post(self.host, "/api/flow_runs/filter", b'{"limit": 50, "sort": "EXPECTED_START_TIME_DESC"}')


@contextlib.contextmanager
def prefect_server(python: Path, folder: Path, database: str | None = None) -> Iterator[PrefectServer]:
    """A server from start to stop; `database`: a PostgreSQL URL, None for SQLite in `folder`. Raises PeerMissing."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "PYTHON"))}
    environ |= {"PREFECT_HOME": str(folder), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    environ["PREFECT_SERVER_UI_API_URL"] = f"http://127.0.0.1:{port}/api"
    if database:
        environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
    command = [str(python), "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.out").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=out, stderr=subprocess.STDOUT)
    try:
        server = PrefectServer(process, port)
        _wait(server, folder)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: PrefectServer, folder: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.process.poll() is None:
        with contextlib.suppress(OSError):
            if ask(server.address, get(server.host, "/api/health"))[0] == 200:
                return
        time.sleep(0.25)
    raise PeerMissing(f"Prefect's server did not start: {(folder / 'server.out').read_text()[-500:]}")
