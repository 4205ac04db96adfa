"""A throw-away PostgreSQL: one cluster a session on a unix socket, one database a test.

Fixtures: `postgres` (the cluster) and `postgres_url` (a fresh, migrated database). Harnesses use `start_cluster`.
Needs PostgreSQL's programs (`PG_BIN` names their folder); without them tests are skipped, on CI they fail.
"""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from turnout.store import open_store

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings of a cluster whose data nobody misses."""
_TEMPLATE = "turnout_template"
_serial = itertools.count()
_template_gate = threading.Lock()


@dataclass(kw_only=True)
class Cluster:
    """A running server whose data, socket and log are in `folder`."""

    folder: Path
    binaries: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    _has_template: bool = False

    def url(self, database: str = "postgres") -> str:
        """How to connect to a database of the cluster."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and return once it answers; after `stop` or `kill`, start it again."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "32MB",
            "max_wal_size": "256MB",
            "jit": "off",
            **self.settings,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            # The server goes with its parent, however that ends.
            self.process = subprocess.Popen(
                [
                    *_as_postgres("--pdeathsig", "SIGINT"),
                    self.binaries / "postgres",
                    "-D",
                    self.folder / "data",
                    *options,
                ],
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server: SIGQUIT at once, SIGINT after a checkpoint, SIGTERM once its clients have gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def create(self, *, migrated: bool = True) -> str:
        """The URL of a new database, with Turnout's schema unless it is to be empty."""
        name = f"test_{os.getpid()}_{next(_serial)}"
        source = "template0"
        if migrated:
            self._make_template()
            source = _TEMPLATE
        self.run(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database of `create`, whoever is connected to it."""
        name = urlsplit(url).path[1:]
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement outside any transaction; its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _make_template(self) -> None:
        with _template_gate:
            if not self._has_template:
                self.run(f"CREATE DATABASE {_TEMPLATE}")
                open_store(self.url(_TEMPLATE), threaded=False).close()
                self._has_template = True

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        for _ in range(3000):
            if self.process.poll() is not None:
                raise AssertionError((self.folder / "log").read_text())
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url()):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)
        raise AssertionError("PostgreSQL did not start: " + (self.folder / "log").read_text())


@contextlib.contextmanager
def start_cluster(*, durable: bool = False, **settings: str) -> Iterator[Cluster]:
    """A cluster of its own in a new folder, removed afterwards. `durable` syncs commits to disk, as in production."""
    folder = Path(tempfile.mkdtemp(prefix="pgt", dir="/tmp"))  # a socket's path has to be short
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        cluster = Cluster(folder=folder, binaries=find_binaries(), settings={**({} if durable else FAST), **settings})
        command = ["-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync", "--no-instructions"]
        locale = ["-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*_as_postgres(), cluster.binaries / "initdb", *command, *locale], check=True, stdout=subprocess.DEVNULL
        )
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of `initdb` and `postgres`; skips the test, or fails it on CI, if there is none."""
    named = os.environ.get("PG_BIN")
    found = [Path(named)] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    config = shutil.which("pg_config")
    if config:
        found.append(
            Path(subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True).stdout.strip())
        )
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    missing = "PostgreSQL's initdb and postgres are not here: install postgresql-15, or name their folder in PG_BIN"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The session's cluster."""
    with start_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """A fresh database with Turnout's schema."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def empty_postgres_url(postgres: Cluster) -> Iterator[str]:
    """A fresh database with nothing in it."""
    url = postgres.create(migrated=False)
    yield url
    postgres.drop(url)


def _as_postgres(*options: str) -> list[str]:
    """What runs a program as a user that PostgreSQL accepts: it refuses root."""
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, *options] if user or options else []
