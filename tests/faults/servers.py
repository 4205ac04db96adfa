"""Servers as processes, each with a data folder of its own, on one database; without projects or workers."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.cluster import wait_until
from tests.faults.ports import free_port
from tests.faults.postmaster import postmaster
from turnout.client import HttpAdminApi
from turnout.core.errors import TurnoutError


@dataclass
class ServerProcess:
    """`turnout server` on `folder`, and on the database at `url` if there is one."""

    folder: Path
    url: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start; `wait_ready` says when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "turnout", "server", "--port", str(self.port)],
                cwd=self.folder,
                env=self.surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def keep_up(self) -> None:
        """Start it again if it ended, as a service manager does."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def send(self, number: signal.Signals) -> None:
        """Signal it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that does not help."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def api(self, port: int | None = None) -> HttpAdminApi:
        """Its API, at another port where a proxy stands before it."""
        token = (self.folder / "admin.token").read_text().strip()
        return HttpAdminApi(f"http://127.0.0.1:{port or self.port}", token)

    def answers(self) -> bool:
        """Whether it answers a question that needs its database."""
        try:
            with self.api() as api:
                api.workers()
        except (TurnoutError, OSError):
            return False
        return True

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Until it answers; one that ends meanwhile is started again."""

        def ready() -> bool:
            self.keep_up()
            return self.answers()

        wait_until(ready, seconds, "the server to answer")

    def surroundings(self) -> dict[str, str]:
        """The environment of commands on this server's data."""
        database = {"TURNOUT_DATABASE": self.url} if self.url else {}
        return {**os.environ, "TURNOUT_DATA": str(self.folder), **database, **self.environ}


@dataclass(frozen=True)
class Fleet:
    """Servers on one database."""

    servers: list[ServerProcess]
    postgres_url: str | None

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows straight from the database: what no part of Turnout has touched."""
        if self.postgres_url is None:
            path = self.servers[0].folder / "turnout.db"
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                return connection.execute(statement).fetchall()
        import psycopg

        with psycopg.connect(self.postgres_url) as connection:
            return connection.execute(statement.encode()).fetchall()


@contextlib.contextmanager
def fleet(folder: Path, count: int, database: str, environ: Mapping[str, str] | None = None) -> Iterator[Fleet]:
    """`count` running servers, on `postgresql` or (one) on `sqlite`; stopped at the end."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postmaster()).url if database == "postgresql" else None
        servers = [ServerProcess(folder / f"server-{n}", url, environ or {}) for n in range(count)]
        try:
            for server in servers:
                server.start()
                server.wait_ready()
            yield Fleet(servers, url)
        finally:
            for server in servers:
                server.stop()
