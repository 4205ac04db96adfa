"""Ten long or forty short tasks in sequence, from the API call that makes the run until the API says that it is done.

The workload of a published comparison of workflow engines: the tasks compute Fibonacci numbers, by recursion.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import environment
from benchmarks.systems import System
from tests.faults.cluster import Cluster
from turnout.core.records import Namespace

SIZES = {"fibonacci-light": (40, 10), "fibonacci-heavy": (10, 33)}
"""workload -> (tasks, which number each computes)."""

FLOW = """\
from {package} import flow, task

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

@task
def compute(n):
    return fib(n)

@flow
def fibonacci(count: int, n: int):
    for _ in range(count):
        compute(n)
"""
SERVE = """
if __name__ == "__main__":
    fibonacci.serve(name="fibonacci")
"""
BARE = """\
import sys
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
for _ in range(int(sys.argv[1])): fib(int(sys.argv[2]))
"""
Trigger = Callable[[str], float]
"""workload -> seconds until it was done."""


@contextlib.contextmanager
def turnout(place: Path) -> Iterator[Trigger]:
    """A server and a process worker with the flow deployed."""
    project = place / "fibonacci"
    project.mkdir()
    (project / "flows.py").write_text(FLOW.format(package="turnout"))
    (project / "turnout.yaml").write_text(
        "project: fibonacci\npools:\n  default: {type: process}\ndeployments:\n"
        "  fibonacci: {flow: 'flows.py:fibonacci', parameters: {count: 1, n: 1}}\n"
    )
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Bench"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    cluster = Cluster(project, environment(project / ".turnout"))
    try:
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        cluster.start_worker()
        with cluster.api() as api:

            def trigger(workload: str) -> float:
                count, n = SIZES[workload]
                began = time.perf_counter()
                run = api.trigger("fibonacci", namespace=Namespace(project="fibonacci"),
                                  parameters={"count": count, "n": n})  # fmt: skip
                while (state := api.run(run.id).state) not in ("completed", "failed", "crashed"):
                    time.sleep(0.002)
                if state != "completed":
                    raise RuntimeError(f"{workload} ended {state}")
                return time.perf_counter() - began

            trigger("fibonacci-light")
            yield trigger
    finally:
        cluster.stop()


@contextlib.contextmanager
def prefect(system: System) -> Iterator[Trigger]:
    """A process that serves the flow, beside the server of `system`."""
    url = system.environ["PREFECT_API_URL"]
    program = system.folder / "fibonacci.py"
    program.write_text(FLOW.format(package="prefect") + SERVE)
    with (system.folder / "serve.out").open("wb") as out:
        served = subprocess.Popen(
            [str(system.python), str(program)], env=dict(system.environ), cwd=system.folder, stdout=out, stderr=out
        )
    try:
        deployment = _when_there(f"{url}/deployments/name/fibonacci/fibonacci", served)["id"]
        time.sleep(5)  # it says nowhere that it has begun to ask for runs

        def trigger(workload: str) -> float:
            count, n = SIZES[workload]
            began = time.perf_counter()
            wanted = {"parameters": {"count": count, "n": n}, "state": {"type": "SCHEDULED"}}
            run = _ask(f"{url}/deployments/{deployment}/create_flow_run", wanted)["id"]
            while (state := _ask(f"{url}/flow_runs/{run}")["state"]["type"]) not in ("COMPLETED", "FAILED", "CRASHED"):
                time.sleep(0.05)
            if state != "COMPLETED":
                raise RuntimeError(f"{workload} ended {state} at Prefect")
            return time.perf_counter() - began

        yield trigger
    finally:
        served.terminate()
        served.wait(30)


def bare(system: System) -> Trigger:
    """The work itself, in a new process."""

    def trigger(workload: str) -> float:
        count, n = SIZES[workload]
        began = time.perf_counter()
        subprocess.run([str(system.python), "-c", BARE, str(count), str(n)], check=True)
        return time.perf_counter() - began

    return trigger


def _when_there(url: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            return _ask(url)
        time.sleep(0.25)
    raise RuntimeError(f"{url} did not appear")


def _ask(url: str, body: object = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))
