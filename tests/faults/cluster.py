"""Real servers and a real worker as processes, on a project made for the test; every process can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.ports import free_port
from turnout.client import HttpAdminApi, connect
from turnout.core.errors import TurnoutError
from turnout.settings import load

if TYPE_CHECKING:
    from tests.faults.postmaster import Postmaster


class Cluster:
    """One server process and one worker process on `project`; `environ` adds to theirs (shorter timings).

    With a `database` the server stores there instead of SQLite.
    """

    def __init__(self, project: Path, environ: dict[str, str], database: Postmaster | None = None) -> None:
        self.project = project
        self.data = project / ".turnout"
        self.port = free_port()
        self.environ = {**os.environ, **environ}
        self.database = database
        if database is not None:
            self.environ["TURNOUT_DATABASE"] = database.url
        self.server_environ: dict[str, str] = {}
        self.worker_environ: dict[str, str] = {}
        """What one of them gets besides: where a proxy stands before what it talks to."""
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def start_server(self) -> None:
        self.server = self._spawn(self.server_environ, "server", "--port", str(self.port))

    def start_worker(self) -> None:
        self.worker = self._spawn(self.worker_environ, "worker", "--pool", "default")

    def keep_up(self) -> None:
        """Start again what ended, as a service manager does: database, server, worker."""
        if self.database is not None:
            self.database.start()
        if self.server is not None and self.server.poll() is not None:
            self.start_server()
        if self.worker is not None and self.worker.poll() is not None:
            self.start_worker()

    def apply(self) -> None:
        """`turnout apply`, as a person would."""
        done = subprocess.run(
            [sys.executable, "-m", "turnout", "apply", "--yes", "--allow-dirty"],
            cwd=self.project,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"apply failed:\n{done.stdout}\n{done.stderr}")

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Until the server answers."""
        wait_until(self.answers, seconds, "the server to answer")

    @contextlib.contextmanager
    def api(self) -> Iterator[HttpAdminApi]:
        """The API of the running server."""
        found = connect(load(self.project, self.environ))
        if found is None:
            raise RuntimeError("no server")
        with found as api:
            yield api

    def api_at_port(self, port: int | None = None) -> HttpAdminApi:
        """The API at the server's port, or a proxy's, whether it is there now or not."""
        return HttpAdminApi(f"http://127.0.0.1:{port or self.port}", (self.data / "admin.token").read_text().strip())

    def kill(self, role: str, rng: random.Random | None = None) -> int | None:
        """kill -9 a process of `role` (server, worker, flow, supervisor, postgres), `rng`'s choice or the first; its
        pid, or None if there is none. `postgres-immediate` stops the database at once instead."""
        pid = self._choose(role, rng)
        if pid is None:
            return None
        if self.database is not None and role.startswith("postgres"):
            (self.database.immediate if role.endswith("immediate") else self.database.kill)()
            return pid
        self.send(pid, signal.SIGKILL)
        for process in (self.server, self.worker):
            if process is not None and process.pid == pid:
                process.wait()
        return pid

    def pause(self, role: str, rng: random.Random | None = None) -> int | None:
        """SIGSTOP a process of `role`; its pid, to be sent SIGCONT, or None if there is none."""
        pid = self._choose(role, rng)
        if pid is not None:
            self.send(pid, signal.SIGSTOP)
        return pid

    @staticmethod
    def send(pid: int, number: signal.Signals) -> None:
        """Signal a process that may be gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    def pid_of(self, role: str) -> int | None:
        """The first living process of `role`."""
        return next(iter(self.pids_of(role)), None)

    def pids_of(self, role: str) -> list[int]:
        """The living processes of `role`."""
        if role.startswith("postgres"):
            pid = self.database.pid if self.database is not None else None
            return [] if pid is None else [pid]
        if role in ("server", "worker"):
            process = self.server if role == "server" else self.worker
            return [process.pid] if process and process.poll() is None else []
        return list(self.flow_pids() if role == "flow" else self.supervisor_pids())

    def flow_pids(self) -> Iterator[int]:
        """Processes that write a flow's journal now."""
        for path in sorted((self.data / "spool").glob("*.0")):
            with contextlib.suppress(OSError, ValueError, IndexError, KeyError):
                pid = json.loads(path.read_bytes().splitlines()[0])["pid"]
                if alive(pid):
                    yield pid

    def supervisor_pids(self) -> Iterator[int]:
        """Supervisors at work now."""
        for path in sorted((self.data / "spool").glob("*.supervisor")):
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(path.read_text().split()[0])
                if alive(pid):
                    yield pid

    def left_in_spool(self) -> list[str]:
        """What no supervisor and no worker has accounted for yet."""
        with contextlib.suppress(FileNotFoundError):
            return sorted(path.name for path in (self.data / "spool").iterdir() if path.is_file())
        return []

    def stop(self) -> None:
        """End everything, flows included."""
        for process in (self.worker, self.server):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for pid in [*self.supervisor_pids(), *self.flow_pids()]:
            self.send(pid, signal.SIGKILL)

    def answers(self) -> bool:
        """Whether the server answers a question that needs its database."""
        try:
            with self.api() as api:
                api.workers()
        except (TurnoutError, RuntimeError):
            return False
        return True

    def _choose(self, role: str, rng: random.Random | None) -> int | None:
        living = self.pids_of(role)
        return (rng.choice(living) if rng else living[0]) if living else None

    def _spawn(self, more: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
        log = (self.project / f"{command[0]}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "turnout", *command],
                cwd=self.project,
                env={**self.environ, **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll `condition`; raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether `pid` is a process that is not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
