"""Runs a worker loop in a thread, or as a process that can be killed, against a stub server."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.serving import packed
from tests.unit.worker.running import HERE, new_job
from tests.unit.worker.stub_server import StubServer
from turnout.client.work import HttpWorkApi
from turnout.core.errors import SecretError
from turnout.core.jobs import Job
from turnout.worker import process_tree
from turnout.worker.jobspec import Surroundings, reduce_environment
from turnout.worker.loop import AtEnd, Options, WorkerLoop


def bundle() -> tuple[str, bytes]:
    """(digest, content) of a bundle with bodies.py."""
    return packed({"bodies.py": (HERE / "bodies.py").read_bytes()})


def bundled_job(stub: StubServer, body: str, **options: Any) -> Job:
    """A job whose code the stub serves."""
    digest, content = bundle()
    stub.bundles[digest] = content
    job = new_job(body, **options)
    return replace(job, run=replace(job.run, spec=replace(job.run.spec, bundle=digest)))


def build(data_dir: Path, url: str, *, capacity: int = 4, worker_id: str = "w1", grace: float = 1.0) -> WorkerLoop:
    """A loop over the fake engine."""

    def find(job: Job) -> tuple[dict[str, str], list[str]]:
        if "gone" in job.secrets:
            raise SecretError("no value for the secret gone.key", fix="`turnout secret set gone.key`")
        return {}, []

    return WorkerLoop(
        options=Options(name="test", project="field", pool="default", capacity=capacity, poll_seconds=2.0),
        worker_id=worker_id,
        api=HttpWorkApi(url, "tn_worker_test"),
        surroundings=Surroundings(
            data_dir=data_dir,
            server_url=url,
            grace_seconds=grace,
            environment=reduce_environment({"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HERE)}),
            engine="fake_engine",
        ),
        resolve=find,
    )


class LoopThread:
    """A worker in a thread."""

    def __init__(self, loop: WorkerLoop) -> None:
        self.loop = loop
        self.stopping = threading.Event()
        self.at_end: AtEnd = "leave"
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with self.loop._api:  # type: ignore[attr-defined]
            self.loop.run(self.stopping, at_end=lambda: self.at_end)

    def stop(self, at_end: AtEnd = "leave", seconds: float = 20.0) -> None:
        self.at_end = at_end
        self.stopping.set()
        self.loop.wake()
        self.thread.join(seconds)
        assert not self.thread.is_alive()


class LoopProcess:
    """A worker as a process."""

    def __init__(self, data_dir: Path, url: str) -> None:
        root = Path(__file__).parents[3]
        command = [sys.executable, "-m", "tests.unit.worker.looping", str(data_dir), url]
        self.process = subprocess.Popen(command, cwd=root, stdin=subprocess.DEVNULL)

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.process.pid, number)
        self.process.wait(20)


def processes_of(data_dir: Path) -> list[process_tree.Process]:
    """Every living process that names this data folder in its environment, or descends from one that does."""
    found = []
    for process in process_tree.every_process():
        if process.alive and process.pid != os.getpid():
            environment = process_tree._environment(process.pid)
            if f"TURNOUT_DATA={data_dir}".encode() in environment:
                found.append(process)
    return found


def main() -> None:
    loop = build(Path(sys.argv[1]), sys.argv[2])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: (stop.set(), loop.wake()))
    loop.run(stop)


if __name__ == "__main__":
    main()
