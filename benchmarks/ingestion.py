"""Journals over HTTP: how many task runs and log lines a second one server records, and what it does when more comes.

Every batch belongs to a run of its own, which a worker has claimed. A batch counts when it was acknowledged; afterwards
the database is read: every task of every run has to be there, completed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Answered, post, press
from benchmarks.processes import cpu_seconds, measure_idle
from benchmarks.turnout_server import NAMESPACE, TurnoutServer
from turnout.store import open_reader

TASKS = 1_000
"""Tasks of a batch: each is made and completed in it."""
LINES = 5_000
"""Log lines of a batch."""
CAPACITY = 1_000
AT = 1_790_000_000.0


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What one kind of batch came to."""

    answered: Answered
    rows: int
    batches: int
    cpu_us: float
    memory_mb: float

    @property
    def per_second(self) -> float:
        return self.rows / self.answered.seconds


def record_tasks(server: TurnoutServer, seconds: float, clients: int = 4) -> Recorded:
    """Batches of TASKS tasks by `clients` producers that never wait. Raises RuntimeError when one is not stored."""
    lines = [line for number in range(1, TASKS + 1) for line in _task(number)]
    return _record(server, lines, TASKS, clients, seconds)


def record_logs(server: TurnoutServer, seconds: float, clients: int = 4) -> Recorded:
    """Batches of LINES log lines."""
    lines = [["l", 0, AT, 20, "bench", f"loaded county {number} of the roll"] for number in range(LINES)]
    return _record(server, lines, LINES, clients, seconds)


def count_tasks(target: str | Path) -> tuple[int, int]:
    """(runs with tasks, completed tasks) in the database."""
    with open_reader(target) as store:
        rows = store.read(lambda tx: tx.runs._session.execute_text(_COUNT, {}).fetchall())
    return len(rows), sum(int(row[1]) for row in rows)


_COUNT = "SELECT run_id, count(*) FROM task_run WHERE state = 'completed' GROUP BY run_id"


def _record(server: TurnoutServer, lines: list[list[Any]], rows: int, clients: int, seconds: float) -> Recorded:
    body = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
    runs = _claimed(server, CAPACITY)
    requests = _requests(server, runs, body)
    before = cpu_seconds(server.pid)
    answered = press(server.address, clients, lambda: next(requests), seconds=seconds, count=CAPACITY)
    used = cpu_seconds(server.pid) - before
    if answered.refused:
        raise RuntimeError(f"the server refused batches: {answered.codes}")
    done = len(answered.took) * rows
    return Recorded(
        answered=answered,
        rows=done,
        batches=len(answered.took),
        cpu_us=used / max(1, done) * 1e6,
        memory_mb=measure_idle(server.pid, 0.1).memory_mb,
    )


def _claimed(server: TurnoutServer, count: int) -> list[str]:
    """Fresh runs that a worker holds."""
    press(server.address, 8, server.creation, count=count)
    with server.worker() as api:
        worker = "bench-worker"
        known = api.register(
            worker_id=worker, name=worker, project=NAMESPACE.project, pool="default", capacity=10_000, holding=[]
        )
        assert known
        found: list[str] = []
        for number in itertools.count():
            jobs = api.claim(worker_id=worker, key=f"bench-{len(found)}-{number}", slots=500, wait=0)
            found += [job.run.id for job in jobs]
            if len(found) >= count or not jobs:
                return found
    raise AssertionError


def _requests(server: TurnoutServer, runs: list[str], body: bytes) -> Iterator[bytes]:
    bearer = {"Authorization": f"Bearer {server.token('pool.default')}", "Content-Type": "application/x-ndjson"}
    for run in runs:
        yield post(server.host, f"/api/v1/work/runs/{run}/journal?attempt=1&stream=1&first=0", body, bearer)


def _task(number: int) -> Iterator[list[Any]]:
    yield ["c", number, 0, "task", f"work#{number}", "work", AT, "running", None]
    yield ["s", number, "completed", AT + 1, {"result": {"inline": number}, "inputs": "0123456789abcdef"}]
