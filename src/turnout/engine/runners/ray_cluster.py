"""Submitted tasks as Ray tasks."""

from __future__ import annotations

import os
from contextlib import suppress

from turnout.core.errors import ConfigurationError, NotSendable
from turnout.engine.runners import cluster_worker
from turnout.engine.runners.clusters import ClusterTaskRunner, Remote, WorkerLost, need
from turnout.engine.runners.steering import is_over
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PROBE_SECONDS = 5.0


class RayTaskRunner(ClusterTaskRunner):
    """Tasks run on the Ray cluster at `address` (`ray://host:port`, or "auto"); on the one that this process is
    connected to already; or on one that `ray.init(**init_kwargs)` starts here, for each flow run, or as long as a
    `with` block."""

    def __init__(self, address: str | None = None, init_kwargs: Mapping[str, Any] | None = None) -> None:
        need("RayTaskRunner", "ray", "ray")
        super().__init__()
        self._given = (address, init_kwargs)
        self._owns = False
        self._functions: dict[Any, Any] = {}
        self._entered = False

    def fresh(self) -> RayTaskRunner:
        """A runner for one flow run, connected. Raises ConfigurationError if there is no cluster."""
        made = type(self)(*self._given)
        made.connect()
        return made

    def close(self) -> None:
        """No task will come: end the cluster if it was started for this run."""
        super().close()
        self.disconnect()

    def places(self) -> int:
        import ray

        resources: Any = ray.cluster_resources
        return int(resources().get("CPU", 0)) if ray.is_initialized() else 0

    def send(self, remote: Remote, setting: bytes, key: str, frame: bytes) -> None:
        function = self._functions[self.function(remote)].options(name=remote.job.scope.name)
        remote.handle = function.remote(setting, key, frame, remote.step.seconds, remote.id)
        remote.handle.future().add_done_callback(lambda done: self._done(remote, done))

    def cancel(self, remote: Remote) -> None:
        import ray

        with suppress(Exception):
            ray.cancel(remote.handle)

    def force(self, remote: Remote) -> None:
        import ray

        with suppress(Exception):
            ray.cancel(remote.handle, force=True)

    def _done(self, remote: Remote, future: Any) -> None:
        error = future.exception()
        if error is not None:
            self.failed(remote, _meaning(error, stopping=is_over(remote.job.scope)))
        else:
            self.arrived(remote, *future.result())

    def connect(self) -> None:
        import ray

        address, init_kwargs = self._given
        if not ray.is_initialized():
            options = {"include_dashboard": False, "log_to_driver": True, **(init_kwargs or {})}
            if address is not None:
                options = {"address": address, **(init_kwargs or {})}
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing of ours reports to anybody
            try:
                _probe(address)
                ray.init(**options)
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                raise ConfigurationError(
                    f"there is no Ray cluster at {address or 'this machine'}: {error}", where="RayTaskRunner",
                    fix="start one with `ray start --head`, check the address, or leave it out",
                ) from None  # fmt: skip
            self._owns = True
        # A task that Ray ran again by itself would run more often than its tries say.
        make: Any = ray.remote(max_retries=0)
        self._functions = {found: make(found) for found in (cluster_worker.execute, cluster_worker.execute_alone)}

    def disconnect(self) -> None:
        import ray

        if self._owns:
            self._owns = False
            ray.shutdown()


def _probe(address: str | None) -> None:
    """Raise OSError if nobody listens at `host:port`: Ray itself would try for minutes."""
    host, _, port = (address or "").rpartition("//")[2].partition("/")[0].rpartition(":")
    if host and port.isdigit():
        import socket

        socket.create_connection((host, int(port)), timeout=PROBE_SECONDS).close()


def _meaning(error: BaseException, *, stopping: bool) -> BaseException:
    from ray import exceptions

    if isinstance(error, (exceptions.TaskCancelledError, KeyboardInterrupt)) or stopping:
        return Interrupt()
    if isinstance(error, exceptions.RayTaskError):
        cause = error.cause
        if isinstance(cause, KeyboardInterrupt):
            return Interrupt()
        if isinstance(cause, ModuleNotFoundError) and (cause.name or "").partition(".")[0] == "turnout":
            return NotSendable("the Ray workers have no Turnout", fix="install the flow's release of it on them")
        return cause if isinstance(cause, Exception) else error
    said = " ".join(str(error).split())
    return WorkerLost(f"was lost: {type(error).__name__}: {said[:600]}")
