"""Submitted tasks on the workers of a Dask cluster."""

from __future__ import annotations

from _queue import Empty, SimpleQueue
from _thread import start_new_thread
from contextlib import suppress

from turnout.core.errors import ConfigurationError, NotSendable
from turnout.engine.runners import cluster_worker
from turnout.engine.runners.clusters import ClusterTaskRunner, Remote, WorkerLost, need
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_BATCH = 200
_FETCH_SECONDS = 60.0


class DaskTaskRunner(ClusterTaskRunner):
    """Tasks run on the Dask cluster at `address`, on the given `cluster` object, or on a temporary one made by
    `cluster_class(**cluster_kwargs)`: by default a LocalCluster, for each flow run, or as long as a `with` block.

    adapt_kwargs: arguments of the temporary cluster's `adapt`. client_kwargs: of `distributed.Client`.
    """

    def __init__(
        self,
        cluster: Any = None,
        address: str | None = None,
        cluster_class: str | Callable[..., Any] | None = None,
        cluster_kwargs: Mapping[str, Any] | None = None,
        adapt_kwargs: Mapping[str, Any] | None = None,
        client_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        need("DaskTaskRunner", "distributed", "dask")
        made = [cluster_class, cluster_kwargs, adapt_kwargs]
        if (address is not None or cluster is not None) and any(given for given in made):
            raise ConfigurationError(
                "a cluster that exists is not made", where="DaskTaskRunner",
                fix="give address or cluster, or else cluster_class, cluster_kwargs and adapt_kwargs",
            )  # fmt: skip
        if address is not None and cluster is not None:
            raise ConfigurationError("address and cluster are both given", where="DaskTaskRunner", fix="give one")
        super().__init__()
        self._given = (cluster, address, cluster_class, cluster_kwargs, adapt_kwargs, client_kwargs)
        self._cluster: Any = None
        self._client: Any = None
        self._shared: DaskTaskRunner | None = None
        self._done: SimpleQueue[Remote | None] = SimpleQueue()

    def fresh(self) -> DaskTaskRunner:
        """A runner for one flow run: connected, to the cluster of the `with` block if there is one. Raises
        ConfigurationError if there is no cluster."""
        made = type(self)(*self._given)
        if self._client is not None:
            made._shared, made._client = self, self._client
        else:
            made.connect()
        start_new_thread(made._collect, ())
        return made

    def close(self) -> None:
        """No task will come: leave the cluster, and end it if it was made for this run."""
        super().close()
        self._done.put(None)
        if self._shared is None:
            self.disconnect()

    def places(self) -> int:
        return sum(self._client.nthreads().values()) if self._client is not None else 0

    def send(self, remote: Remote, setting: bytes, key: str, frame: bytes) -> None:
        future = self._client.submit(
            self.function(remote), setting, key, frame, remote.step.seconds, remote.id,
            key=f"{remote.job.scope.name}-{remote.id}", pure=False, retries=0,
        )  # fmt: skip
        remote.handle = future
        future.add_done_callback(lambda _: self._done.put(remote))

    def cancel(self, remote: Remote) -> None:
        def ask() -> None:
            with suppress(Exception):
                self._client.run(cluster_worker.interrupt, remote.id, on_error="ignore")

        start_new_thread(ask, ())

    def force(self, remote: Remote) -> None:
        with suppress(Exception):
            remote.handle.cancel(force=True)

    def _collect(self) -> None:
        """Fetch the answers of ended calls, as many at once as there are: each fetch is a round trip or two."""
        while (first := self._done.get()) is not None:
            batch: list[Remote | None] = [first]
            with suppress(Empty):
                while len(batch) < _BATCH:
                    batch.append(self._done.get_nowait())
            if None in batch:
                self._done.put(None)
            self._take(list(filter(None, batch)))

    def _take(self, batch: list[Remote]) -> None:
        fetched = self._fetch([remote for remote in batch if remote.handle.status == "finished"])
        for remote in batch:
            if remote.id in fetched:
                self.arrived(remote, *fetched[remote.id])
            else:
                self._fail(remote)
            remote.handle = None  # the cluster need not keep the answer

    def _fetch(self, finished: list[Remote]) -> dict[str, tuple[bytes, int]]:
        """Call -> answer; without those that were lost with their worker meanwhile."""
        try:
            answers = self._client.gather([remote.handle for remote in finished])
        except Exception:
            return {}  # each is asked for itself
        return {remote.id: answer for remote, answer in zip(finished, answers, strict=True)}

    def _fail(self, remote: Remote) -> None:
        try:
            answer, stream = remote.handle.result(timeout=_FETCH_SECONDS)
        except BaseException as error:
            self.failed(remote, _meaning(error))
        else:
            self.arrived(remote, answer, stream)

    def connect(self) -> None:
        import distributed

        _calm("distributed")
        client: Any = distributed.Client
        cluster, address, cluster_class, cluster_kwargs, adapt_kwargs, client_kwargs = self._given
        options = {"set_as_default": False, **(client_kwargs or {})}
        try:
            if address is None and cluster is None:
                cluster = self._cluster = _make(cluster_class, cluster_kwargs, adapt_kwargs)
            self._client = client(address if address is not None else cluster, **options)
        except OSError as error:  # also what Dask raises when nobody answers in time
            self.disconnect()
            raise ConfigurationError(
                f"there is no Dask scheduler at {address or cluster}: {error}", where="DaskTaskRunner",
                fix="start one with `dask scheduler`, give its address as tcp://host:8786, or leave address out",
            ) from None  # fmt: skip

    def disconnect(self) -> None:
        client, self._client = self._client, None
        cluster, self._cluster = self._cluster, None
        for made in (client, cluster):
            if made is not None:
                made.close()


def _make(
    cluster_class: str | Callable[..., Any] | None,
    cluster_kwargs: Mapping[str, Any] | None,
    adapt_kwargs: Mapping[str, Any] | None,
) -> Any:
    import dask
    from distributed import LocalCluster

    if isinstance(cluster_class, str):
        from importlib import import_module

        module, _, name = cluster_class.rpartition(".")
        kind: Any = getattr(import_module(module), name)
    else:
        kind = cluster_class or LocalCluster
    options = {**({} if cluster_class else {"dashboard_address": None}), **(cluster_kwargs or {})}
    # Dask would run the tasks of a worker that died again, three times, unseen: tries are the task's own to decide.
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        cluster = kind(**options)
    if adapt_kwargs:
        cluster.adapt(**adapt_kwargs)
    return cluster


def _calm(name: str) -> None:
    """A cluster inside this process would fill the run's log with its own doings."""
    import logging

    logger = logging.getLogger(name)
    if logger.level in (logging.NOTSET, logging.INFO):
        logger.setLevel(logging.WARNING)


def _meaning(error: BaseException) -> BaseException:
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        worker = getattr(getattr(error, "last_worker", None), "address", "of it")
        return WorkerLost(f"was lost: the Dask worker {worker} died: by hand, or because memory ran out")
    if isinstance(error, CancelledError) or type(error).__name__ in ("CancelledError", "FutureCancelledError"):
        return WorkerLost("was lost: the Dask cluster ended, or dropped the task")
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "turnout":
        return NotSendable("the Dask workers have no Turnout", fix="install the flow's release of it on them")
    return error if isinstance(error, Exception) else Interrupt()
