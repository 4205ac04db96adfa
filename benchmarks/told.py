"""What a run's process would have told, without the process: its journal, through the worker's own client."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from benchmarks.turnout_server import NAMESPACE, TurnoutServer
from turnout.client import HttpWorkApi
from turnout.core.jobs import Job

_PORTION = 20_000
"""Entries a request: well below what one may hold."""


def claim(server: TurnoutServer, deployment: str, key: str) -> Job:
    """A run of the deployment, made by hand and taken by the worker that `register` made known; whatever is due before
    it is taken in its place. key: another for each call."""
    with server.admin() as api, server.worker() as worker:
        api.trigger(deployment, namespace=NAMESPACE, priority=10)
        (job,) = worker.claim(worker_id="bench", key=key, slots=1, wait=10)
    return job


def register(server: TurnoutServer, capacity: int) -> None:
    """Make a worker known."""
    with server.worker() as worker:
        worker.register(
            worker_id="bench", name="bench", project=NAMESPACE.project, pool="default", capacity=capacity, holding=[]
        )


def tell(
    server: TurnoutServer, job: Job, *, tasks: int, lines: int, at: float, fails: bool, artifacts: int = 0
) -> None:
    """The whole journal of a run that began at `at` (Unix seconds): so many completed tasks, lines and tables."""
    entries = _entries(job, tasks=tasks, lines=lines, at=at, fails=fails, artifacts=artifacts)
    with HttpWorkApi(server.url, job.token) as mine:
        for first in itertools.count(step=_PORTION):
            portion = [json.dumps(entry).encode() + b"\n" for entry in itertools.islice(entries, _PORTION)]
            if not portion:
                break
            mine.ship(job.run.id, job.run.attempt, 0, first, b"".join(portion))


def line(number: int) -> str:
    """A line of the log."""
    return f"loaded county {number} of the roll"


def _entries(job: Job, *, tasks: int, lines: int, at: float, fails: bool, artifacts: int) -> Iterator[Any]:
    run = job.run
    yield {
        "protocol": 1, "run": run.id, "attempt": run.attempt, "stream": 0, "pid": 1, "flow": run.flow_name,
        "run_name": run.name, "at": at, "parameters": {}, "tags": [], "entrypoint": "flows/0.py:main",
        "project": NAMESPACE.project, "trigger": "manual",
    }  # fmt: skip
    yield ["s", 0, "running", at, None]
    for task in range(1, tasks + 1):
        yield [
            "c",
            task,
            0,
            "task",
            f"work#{task}",
            "work",
            at,
            "running",
            {"upstream": [task // 2]} if task > 1 else None,
        ]
        yield ["s", task, "completed", at + 1, {"result": {"inline": task}, "inputs": f"{task:064x}", "code": "0" * 64}]
    for number in range(lines):
        yield ["l", 0, at, 20, "bench", line(number)]
    for number in range(artifacts):
        yield ["a", 0, at, "table", f"counties-{number}", {"table": [{"county": number, "votes": 1}]}]
    error = {"error": {"type": "ValueError", "message": "the disk is full"}}
    yield ["s", 0, "failed", at + 2, error] if fails else ["s", 0, "completed", at + 2, None]
    yield ["e", at + 2]
