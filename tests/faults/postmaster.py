"""A PostgreSQL of a harness's own, with the durability that it ships with, which is killed and comes back."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

from tests.postgres import Cluster, start_cluster

WITHIN_SECONDS = 60.0
"""How long recovery may take; starts are refused while processes of the killed one are still ending."""


class Postmaster:
    """One cluster and one empty database of it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.url = cluster.create(migrated=False)

    @property
    def socket(self) -> str:
        """The path of the socket that it listens at."""
        return str(self.cluster.folder / ".s.PGSQL.5432")

    def url_by(self, port: int) -> str:
        """The same database behind a proxy at a port of loopback."""
        return f"postgresql://postgres@127.0.0.1:{port}/{self.url.split('?')[0].rsplit('/', 1)[1]}"

    @property
    def pid(self) -> int | None:
        """Of the postmaster, while it lives."""
        process = self.cluster.process
        return process.pid if process and process.poll() is None else None

    def kill(self) -> None:
        """kill -9 of the postmaster alone; its children notice and end."""
        self.cluster.stop(signal.SIGKILL)

    def immediate(self) -> None:
        """What `pg_ctl -m immediate stop` does: every process ends at once, without a checkpoint."""
        self.cluster.stop(signal.SIGQUIT)

    def start(self) -> None:
        """Start until it takes. Raises the last refusal."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while self.pid is None:
            try:
                self.cluster.start()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


@contextlib.contextmanager
def postmaster(**settings: str) -> Iterator[Postmaster]:
    """A running one, removed afterwards."""
    with start_cluster(durable=True, **settings) as cluster:
        yield Postmaster(cluster)
