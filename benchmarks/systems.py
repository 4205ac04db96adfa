"""The systems of `./dev bench engine`: how a workload is started on each, and what of it is believed."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import environment, expect_record
from benchmarks.prefect_server import prefect_server
from benchmarks.workloads import IMPORTS, Workload
from tests.postgres import Cluster

PROGRAMS = Path(__file__).parent / "programs"
LONGEST = 900.0
"""Seconds after which a program is stopped and its figure is missing."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One execution. seconds: for the whole count. peak_mb: of the process, by the kernel. facts: what else it said."""

    seconds: float
    peak_mb: float
    facts: Mapping[str, float] = field(default_factory=dict)


SETTINGS = ("PYTHON", "PREFECT_", "AIRFLOW_", "DAGSTER_", "TURNOUT_")
"""What of this process's environment must not reach a peer."""


class Failed(Exception):
    """A program did not end well; its figure is left out."""


@dataclass(frozen=True, kw_only=True)
class System:
    """One orchestrator, or bare Python. folder: where its programs run and keep their files."""

    name: str
    version: str
    python: Path
    program: str
    folder: Path
    environ: Mapping[str, str]

    def run(self, workload: Workload, count: int) -> Sample:
        """Execute the workload once. Raises Failed."""
        if workload.key == "import":
            return self._execute(workload, ["-c", IMPORTS[self.name]])
        name = workload.key.removesuffix("-large").replace("-", "_")
        return self._execute(workload, [str(PROGRAMS / f"{self.program}_program.py"), name, str(count)])

    def _execute(self, workload: Workload, arguments: list[str]) -> Sample:
        with (self.folder / "errors.txt").open("w+") as errors:
            began = time.perf_counter()
            process = subprocess.Popen(
                [str(self.python), *arguments], env=dict(self.environ), cwd=self.folder, stdout=subprocess.PIPE,
                stderr=errors, text=True,
            )  # fmt: skip
            watchdog = threading.Timer(LONGEST, process.kill)
            watchdog.start()
            assert process.stdout is not None
            said = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - began
            watchdog.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            process.stdout.close()
            if process.returncode:
                errors.seek(0)
                raise Failed(f"{self.name} {workload.key}: exit {process.returncode}: {errors.read()[-400:]}")
        facts = json.loads(said.strip().splitlines()[-1]) if workload.key != "import" else {}
        seconds = took if workload.clock == "process" else facts.pop("seconds")
        sample = Sample(seconds=seconds, peak_mb=usage.ru_maxrss / 1024, facts=facts)
        if self.name == "turnout":
            self._check_record(workload)
        return sample

    def _check_record(self, workload: Workload) -> None:
        """Read the run back in a fresh process: nothing is fast that is not there afterwards."""
        if workload.key in ("import", "harness") or workload.key.startswith("fibonacci"):
            return
        expected = {"hello": 1, "logs": 1}.get(workload.key) or workload.counts["turnout"]
        expect_record(self.folder, dict(self.environ), expected)


@contextlib.contextmanager
def systems(names: tuple[str, ...], place: Path) -> Iterator[dict[str, System]]:
    """The systems that can be had, started as far as they need it; it is said which are left out, and why."""
    found: dict[str, System] = {}
    with contextlib.ExitStack() as stack:
        for name in names:
            try:
                for system in _made(name, place, stack):
                    found[system.name] = system
            except peers.PeerMissing as error:
                print(f"{name}: left out: {error}", file=sys.stderr, flush=True)
        yield found


def _made(name: str, place: Path, stack: contextlib.ExitStack) -> Iterator[System]:
    folder = place / name
    folder.mkdir()
    if name in ("turnout", "bare"):
        yield _own(name, folder)
        return
    peer = {p.name: p for p in (peers.PREFECT, peers.DBOS, peers.DAGSTER, peers.AIRFLOW, peers.LUIGI)}[name]
    python = peers.install(peer)
    made = System(
        name=name, version=peers.installed(peer) or "", python=python, program=name, folder=folder,
        environ={k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)},
    )  # fmt: skip
    match name:
        case "prefect":
            yield from _prefect(made, stack)
        case "airflow":
            yield _airflow(made)
        case "dagster":
            yield _with(made, DAGSTER_HOME=str(folder), DAGSTER_DISABLE_TELEMETRY="1")
        case "dbos":
            yield _with(made, BENCH_DATABASE=f"sqlite:///{folder}/dbos.sqlite")
        case _:
            yield made


def on_postgresql(system: System, cluster: Cluster) -> System:
    """The same system with an empty PostgreSQL database of its own."""
    url = cluster.create(migrated=False)
    return _with(system, **{"TURNOUT_DATABASE" if system.name == "turnout" else "BENCH_DATABASE": url})


def _own(name: str, folder: Path) -> System:
    version = sys.version.split()[0] if name == "bare" else "this tree"
    made = System(
        name=name, version=version, python=Path(sys.executable), program=name, folder=folder,
        environ=environment(folder / "data"),
    )  # fmt: skip
    return made if name == "bare" else _with(replace(made, program="flows"), BENCH_PACKAGE="turnout")


def _prefect(made: System, stack: contextlib.ExitStack) -> Iterator[System]:
    made.folder.joinpath("ephemeral").mkdir()
    made = _with(replace(made, program="flows"), BENCH_PACKAGE="prefect")
    quiet = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_TO_CONSOLE": "0",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }
    ephemeral = _with(replace(made, name="prefect ephemeral"), PREFECT_HOME=str(made.folder / "ephemeral"), **quiet)
    server = stack.enter_context(prefect_server(made.python, made.folder / "server"))
    home = str(made.folder / "server")
    yield _with(made, PREFECT_HOME=home, PREFECT_API_URL=f"http://{server.host}/api", **quiet)
    yield ephemeral


def _airflow(made: System) -> System:
    ready = _with(
        made, AIRFLOW_HOME=str(made.folder), AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGS_FOLDER=str(PROGRAMS), AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    )  # fmt: skip
    done = subprocess.run(
        [str(made.python), "-m", "airflow", "db", "migrate"], env=dict(ready.environ), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise peers.PeerMissing(f"its database cannot be made: {done.stderr[-400:]}")
    return ready


def _with(system: System, **environ: str) -> System:
    return replace(system, environ={**system.environ, **environ})
