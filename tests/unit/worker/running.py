"""Starts attempts as a worker does, against a stub server."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from tests.runs import a_run
from tests.unit.worker.stub_server import StubServer
from turnout.core.ids import make_id
from turnout.core.jobs import Job
from turnout.core.records import Policy, RunSpec
from turnout.core.states import RunState
from turnout.worker import clock, process_tree
from turnout.worker.backends.process import ProcessBackend
from turnout.worker.jobspec import Surroundings, build_order, job_file, reduce_environment
from turnout.worker.spool_files import AttemptFiles, write_private

HERE = Path(__file__).parent


def new_job(body: str = "hello", *, timeout: float | None = None, attempt: int = 1, **changes: Any) -> Job:
    """A claimed job whose flow is a function of bodies.py."""
    run = a_run(
        "brisk-heron",
        RunState.PENDING,
        id=make_id(int(clock.now() * 1000), clock.randomness()),
        deployment="body",
        flow_name=body,
        version=2,
        attempt=attempt,
        spec=RunSpec(entrypoint=f"bodies.py:{body}", policy=Policy(timeout_seconds=timeout)),
    )
    return replace(Job(run=run, token=f"tn_run_{run.id}", lease_seconds=3.0, resume=False), **changes)


def as_json(job: Job) -> dict[str, Any]:
    """The job as a claim's answer holds it."""
    found: dict[str, Any] = msgspec.to_builtins(job)
    return found


class Running:
    """A process backend with the fake engine; `start` runs a body, `exits` collects what ended."""

    def __init__(self, data_dir: Path, stub: StubServer, grace: float = 1.0) -> None:
        self.stub = stub
        self.exits: dict[str, tuple[str, int | None]] = {}
        self.names: list[str] = []
        self.surroundings = Surroundings(
            data_dir=data_dir,
            server_url=stub.url,
            grace_seconds=grace,
            environment=reduce_environment({"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HERE), "HOME": "/tmp"}),
            engine="fake_engine",
        )
        self.spool = self.surroundings.spool
        self.spool.mkdir()
        self.backend = ProcessBackend(
            self.spool, self.surroundings.environment, data_dir / "supervisors.log", self._exited
        )

    def start(
        self, job: Job, secrets: dict[str, str] | None = None, mask: list[str] | None = None, late: float = 0.0
    ) -> AttemptFiles:
        """Start an attempt that was claimed `late` seconds ago."""
        claimed_at = clock.monotonic() - late
        files = AttemptFiles(self.spool, job.run.id, job.run.attempt)
        write_private(files.job, job_file(job, "worker"))
        order = build_order(
            job,
            surroundings=self.surroundings,
            bundle_dir=HERE,
            secrets=secrets or {},
            mask=mask or [],
            claimed_at=claimed_at,
        )
        self.names.append(files.name)
        self.backend.submit(files.name, order)
        return files

    def ready(self, job: Job) -> None:
        """Wait for the body's own word."""
        key = (job.run.id, job.run.attempt, 0)
        self.stub.until(lambda: any(b'"ready"' in line for line in self.stub.lines.get(key, [])))

    def ended(self, files: AttemptFiles, seconds: float = 30.0) -> tuple[str, int | None]:
        """Wait for the supervisor's exit: (words, code)."""
        return self.stub.until(lambda: self.exits.get(files.name), seconds)  # type: ignore[no-any-return]

    def processes(self) -> set[int]:
        """Living processes of the attempts: under the zygote, of a supervisor's session, or with a run's mark."""
        found = {p.pid for name in self.names for p in process_tree.marked(name)}
        zygote = self.backend._zygote
        if zygote is not None:
            found |= {process.pid for process in process_tree.descendants(zygote.pid)}
        return found

    def close(self) -> None:
        left = self.processes()
        self.backend.close()
        assert not left, f"processes left: {left}; see {sys.argv[0]}"

    def _exited(self, name: str, words: str, code: int | None) -> None:
        self.exits[name] = (words, code)
