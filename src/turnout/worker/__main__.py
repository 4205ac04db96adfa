"""The worker as a program: the composition root that names the concrete server client, secrets and settings."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

from turnout.core.jobs import Job
from turnout.core.ports import WorkApi
from turnout.core.previews import is_preview, secrets_of
from turnout.secrets import environment as secret_environment
from turnout.secrets import mask_values, resolve
from turnout.settings import Settings
from turnout.worker.identity import Identity, other_identities, take_identity
from turnout.worker.jobspec import Surroundings, reduce_environment
from turnout.worker.loop import AtEnd, Options, WorkerLoop


def run_worker(
    settings: Settings,
    *,
    project: str,
    pool: str,
    api: WorkApi,
    server_url: str,
    ca_file: str | None = None,
    name: str | None = None,
    stop: threading.Event | None = None,
    at_end: AtEnd = "leave",
) -> None:
    """Work for `pool` until `stop` is set; without `stop`, until SIGTERM or SIGINT.

    May be called in a thread, then with `stop`. at_end: `leave` lets supervisors go on alone (the next worker adopts
    them), `drain` waits for them, `stop` ends their runs.
    """
    data_dir = Path(settings.data_dir)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = take_identity(data_dir, pool)
    adopted: list[Identity] = []

    def take_over() -> set[str]:
        adopted.extend(other_identities(data_dir, pool, identity))
        return {other.worker_id for other in adopted}

    loop = WorkerLoop(
        options=Options(
            name=name or f"{socket.gethostname()}-{pool}",
            project=project,
            pool=pool,
            capacity=settings.worker_capacity,
            poll_seconds=settings.poll_seconds,
        ),
        worker_id=identity.worker_id,
        api=api,
        surroundings=Surroundings(
            data_dir=data_dir,
            server_url=server_url,
            grace_seconds=settings.cancel_grace_seconds,
            environment=reduce_environment(os.environ, settings.pass_variables),
            ca_file=ca_file,
        ),
        resolve=lambda job: find_secrets(data_dir, job, os.environ),
        take_over=take_over,
    )
    if stop is not None:
        threading.Thread(target=_wake_at, args=(stop, loop), name="turnout-worker-stop", daemon=True).start()
    try:
        loop.run(stop or _stopped_by_signals(loop), at_end=lambda: at_end)
    finally:
        for held in (*adopted, identity):
            held.release()


def find_secrets(data_dir: Path, job: Job, environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The job's secrets as environment variables, and every text to mask. Raises SecretError."""
    if not job.secrets:
        return {}, []
    folder, given = secrets_of(job.run.environment, str(data_dir), environ)
    values = resolve(Path(folder), job.secrets, given, preview=is_preview(job.run.environment))
    return secret_environment(values), mask_values(value for fields in values.values() for value in fields.values())


def _wake_at(stop: threading.Event, loop: WorkerLoop) -> None:
    stop.wait()
    loop.wake()


def _stopped_by_signals(loop: WorkerLoop) -> threading.Event:
    stop = threading.Event()

    def stopping(number: int, frame: object) -> None:
        logging.getLogger("turnout.worker").info("stopping on %s", signal.Signals(number).name)
        stop.set()
        loop.wake()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopping)
    return stop
