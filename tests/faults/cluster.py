"""A real server and a real worker as processes, on a project made for the test; every process can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from turnout.client import connect
from turnout.core.errors import TurnoutError
from turnout.core.ports import AdminApi
from turnout.settings import load


class Cluster:
    """One server process and one worker process on `project`; `environ` adds to theirs (shorter timings)."""

    def __init__(self, project: Path, environ: dict[str, str]) -> None:
        self.project = project
        self.data = project / ".turnout"
        self.port = free_port()
        self.environ = {**os.environ, **environ}
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def start_server(self) -> None:
        self.server = self._spawn("server", "--port", str(self.port))

    def start_worker(self) -> None:
        self.worker = self._spawn("worker", "--pool", "default")

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
        wait_until(self._answers, seconds, "the server to answer")

    @contextlib.contextmanager
    def api(self) -> Iterator[AdminApi]:
        """The API of the running server."""
        found = connect(load(self.project))
        if found is None:
            raise RuntimeError("no server")
        with found as api:
            yield api

    def kill(self, role: str, rng: random.Random | None = None) -> int | None:
        """kill -9 a process of `role` (server, worker, flow, supervisor), `rng`'s choice or the first; its pid, or None
        if there is none."""
        living = self.pids_of(role)
        pid = (rng.choice(living) if rng else living[0]) if living else None
        if pid is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        for process in (self.server, self.worker):
            if process is not None and process.pid == pid:
                process.wait()
        return pid

    def pid_of(self, role: str) -> int | None:
        """The first living process of `role`."""
        return next(iter(self.pids_of(role)), None)

    def pids_of(self, role: str) -> list[int]:
        """The living processes of `role`."""
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
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.project / f"{command[0]}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "turnout", *command],
                cwd=self.project,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        try:
            with self.api() as api:
                api.workers()
        except (TurnoutError, RuntimeError):
            return False
        return True


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


def free_port() -> int:
    """A TCP port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
