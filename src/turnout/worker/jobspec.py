"""From a claimed job to the order that a supervisor executes: pure, so that it can be tested as data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from turnout.core.jobs import Job
from turnout.core.tokens import flow_token
from turnout.worker.process_tree import MARK

ALLOWED = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
        "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
        "TURNOUT_FULL_TRACEBACK", "TURNOUT_STRICT", "TURNOUT_LOGGING_EXTRA_LOGGERS", "TURNOUT_RESULT_STORAGE",
        "MPLCONFIGDIR", "MPLBACKEND",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    }
)  # fmt: skip
"""What a flow sees of the worker's environment; besides, LC_* and XDG_*. No token of the worker's is among it: the flow
gets one of its own."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a worker adds to every job. server_url and ca_file: where its supervisors find the server.
    engine: the module that executes jobs."""

    data_dir: Path
    server_url: str
    grace_seconds: float
    environment: Mapping[str, str]
    ca_file: str | None = None
    engine: str = "turnout.engine.__main__"

    @property
    def spool(self) -> Path:
        """The folder of the journals."""
        return self.data_dir / "spool"


def reduce_environment(environ: Mapping[str, str], passed: Collection[str] = ()) -> dict[str, str]:
    """The part of `environ` that flows get: what is harmless, and the names in `passed`."""
    return {
        key: value
        for key, value in environ.items()
        if key in ALLOWED or key in passed or key.startswith(("LC_", "XDG_"))
    }


def job_file(job: Job, worker_id: str) -> bytes:
    """The content of `<run>.<attempt>.job`: the job as JSON and whose it is. It holds no secret's value."""
    return msgspec.json.encode({**_plain(job), "worker_id": worker_id})


def build_order(
    job: Job,
    *,
    surroundings: Surroundings,
    bundle_dir: Path | None,
    secrets: Mapping[str, str],
    mask: list[str],
    claimed_at: float,
) -> dict[str, Any]:
    """What the supervisor is told. secrets: as environment variables. claimed_at: by this machine's monotonic clock.
    The engine's part (`job`) lacks the run token: user code never sees one, but the flow token, masked in logs."""
    run, spool = job.run, surroundings.spool
    api = _api(surroundings, job)
    mask = [*mask, api["TURNOUT_API_KEY"]]
    engine_job = _plain(job)
    del engine_job["token"]
    engine_job |= {
        "data_dir": str(surroundings.data_dir),
        "bundle_dir": None if bundle_dir is None else str(bundle_dir),
        "spool": str(spool),
        "mask": mask,
        "env": dict(secrets),
    }
    mark = {MARK: f"{run.id}.{run.attempt}", "TURNOUT_DATA": str(surroundings.data_dir)}
    return {
        "run_id": run.id,
        "attempt": run.attempt,
        "spool": str(spool),
        "server_url": surroundings.server_url,
        "ca_file": surroundings.ca_file,
        "token": job.token,
        "lease_seconds": job.lease_seconds,
        "claimed_at": claimed_at,
        "grace_seconds": surroundings.grace_seconds,
        "timeout_seconds": run.spec.policy.timeout_seconds,
        "resume": job.resume,
        "mask": mask,
        "engine": surroundings.engine,
        "environment": {**surroundings.environment, **secrets, **mark, **api},
        "job": engine_job,
    }


def _api(surroundings: Surroundings, job: Job) -> dict[str, str]:
    """Where the flow process finds the server, and with what."""
    api = {"TURNOUT_API_URL": surroundings.server_url, "TURNOUT_API_KEY": flow_token(job.token)}
    return api | ({"TURNOUT_API_CA": surroundings.ca_file} if surroundings.ca_file else {})


def _plain(job: Job) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(job)
    return plain
