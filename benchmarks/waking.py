"""How soon a waiting worker gets what became free, through a real server over HTTP.

slots: 50 workers and 100 runs behind a limit of 3: from the end of a run to the claim that takes the slot (I15).
crowd: 10,000 runs queued behind a limit in one pool: from the creation of a run in another one to its claim (I26).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import queue
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.load import post, press
from benchmarks.measure import Figure, print_table
from benchmarks.turnout_server import TurnoutServer, turnout_server
from turnout.client import HttpAdminApi, HttpWorkApi
from turnout.core.jobs import Job
from turnout.core.journal import FLOW_STREAM, PROTOCOL
from turnout.core.records import Namespace
from turnout.core.snapshot import DeploymentSpec, LimitSpec, LimitUse, PoolSpec, Snapshot

WORKERS, RUNS, LIMIT = 50, 100, 3
CROWD, PROBES = 10_000, 200
WAIT_SECONDS = 5.0


def main(arguments: list[str]) -> int:
    """Measure, print, optionally write JSON. 0 if every figure is within its budget."""
    parser = argparse.ArgumentParser(prog="./dev bench waking")
    parser.add_argument("--rounds", type=int, default=1, help="how often the slots are measured")
    parser.add_argument("--database", help="a PostgreSQL URL; SQLite if left out")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, turnout_server(Path(folder) / "data", options.database) as server:
        figures = [*slots(server, options.rounds), *crowd(server)]
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2))
    return 0 if all(figure.within for figure in figures) else 1


def slots(server: TurnoutServer, rounds: int) -> Iterator[Figure]:
    """I15: freed slots are taken at once, and many who wait do not stand in each other's way."""
    waits, walls = [], []
    for number in range(rounds):
        project = f"slots-{number}"
        _deploy(server, project, LIMIT)
        with server.admin() as api:
            for _ in range(RUNS):
                _trigger(api, project)
        began = time.perf_counter()
        waits += _work(server, project)
        walls.append(time.perf_counter() - began)
    waits.sort()
    note = f"median {statistics.median(waits):.1f}, of {len(waits)}; {statistics.median(walls):.1f} s in all"
    yield Figure(
        name="freed slot to the next claim, longest", unit="ms", ours=waits[-1], floor=0, floor_is="none", budget=1000,
        note=note,
    )  # fmt: skip


def crowd(server: TurnoutServer) -> Iterator[Figure]:
    """I26: a queue that a limit holds back delays nobody else."""
    _deploy(server, "crowded", 1)
    _deploy(server, "elsewhere", None)
    request = post(server.host, "/api/v1/deployments/work/runs?project=crowded", b"{}", server.bearer)
    made = press(server.address, 16, lambda: request, count=CROWD)
    if made.refused:
        raise RuntimeError(f"not every run was created: {made.codes}")
    delays = []
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(_waiting(server, "crowded"))
        claimed = stack.enter_context(_waiting(server, "elsewhere"))
        api = stack.enter_context(server.admin())
        for _ in range(PROBES):
            began = time.perf_counter()
            _trigger(api, "elsewhere")
            delays.append((claimed.get(timeout=60) - began) * 1000)
    delays.sort()
    note = f"median {statistics.median(delays):.1f}, longest {delays[-1]:.1f}, of {len(delays)}"
    yield Figure(
        name=f"creation to claim beside {CROWD:,} queued, p99", unit="ms", ours=_quantile(delays, 0.99), floor=0,
        floor_is="none", budget=2000, note=note,
    )  # fmt: skip


def _work(server: TurnoutServer, project: str) -> list[float]:
    """All runs of a project by many workers of one slot each; milliseconds from each freed slot to its next claim."""
    freed: list[float] = []
    taken: list[float] = []
    done = threading.Event()

    def worker() -> None:
        with server.worker() as api, contextlib.ExitStack() as ending:
            ending.callback(done.set)  # one that fails ends all
            worker_id = _register(api, project)
            while not done.is_set():
                for job in api.claim(worker_id=worker_id, key=uuid.uuid4().hex, slots=1, wait=WAIT_SECONDS):
                    taken.append(time.perf_counter())
                    freed.append(_finish(server, job))
                    if len(freed) == RUNS:
                        done.set()

    with ThreadPoolExecutor(WORKERS) as pool:
        for future in [pool.submit(worker) for _ in range(WORKERS)]:
            future.result(300)
    freed.sort()
    taken.sort()
    return [(later - began) * 1000 for began, later in zip(freed, taken[LIMIT:], strict=False)]


@contextmanager
def _waiting(server: TurnoutServer, project: str) -> Iterator[queue.SimpleQueue[float]]:
    """A worker of a project: puts the moment of every claim, and finishes what it got."""
    moments: queue.SimpleQueue[float] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        with server.worker() as api:
            worker_id = _register(api, project)
            while not stop.is_set():
                for job in api.claim(worker_id=worker_id, key=uuid.uuid4().hex, slots=1, wait=1.0):
                    moments.put(time.perf_counter())
                    if project == "elsewhere":
                        _finish(server, job)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield moments
    finally:
        stop.set()
        thread.join()


def _register(api: HttpWorkApi, project: str) -> str:
    worker_id = uuid.uuid4().hex
    api.register(worker_id=worker_id, name=worker_id[:8], project=project, pool="default", capacity=1, holding=())
    return worker_id


def _finish(server: TurnoutServer, job: Job) -> float:
    """Ship the whole journal of a run that does nothing; the moment before the server could know of its end."""
    with HttpWorkApi(server.url, job.token) as api:
        began = time.perf_counter()
        api.ship(job.run.id, job.run.attempt, FLOW_STREAM, 0, _journal(job))
    return began


def _journal(job: Job) -> bytes:
    at = time.time()
    header = {
        "protocol": PROTOCOL,
        "run": job.run.id,
        "attempt": job.run.attempt,
        "stream": FLOW_STREAM,
        "pid": 1,
        "flow": job.run.flow_name,
        "run_name": job.run.name,
        "at": at,
    }
    entries = [header, ["s", 0, "running", at, None], ["s", 0, "completed", at, None], ["e", at]]
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def _deploy(server: TurnoutServer, project: str, limit: int | None) -> None:
    uses = () if limit is None else (LimitUse(name="few"),)
    deployment = DeploymentSpec(name="work", flow_name="work", entrypoint="work.py:work", limits=uses)
    wanted = Snapshot(
        project=project,
        deployments={"work": deployment},
        pools={"default": PoolSpec()},
        limits={} if limit is None else {"few": LimitSpec(concurrency=limit)},
    )
    with server.admin() as api:
        api.apply(wanted, bundle=None, commit="8970c6b", author="bench", message="bench", allow_removals=True)


def _trigger(api: HttpAdminApi, project: str) -> None:
    api.trigger("work", namespace=Namespace(project=project))


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
