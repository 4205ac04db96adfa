"""The same data in a Turnout and in a Prefect server, told to each through its own API, for `./dev bench ui`."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from benchmarks.prefect_server import PrefectServer
from benchmarks.turnout_server import NAMESPACE, TurnoutServer
from turnout.client import HttpWorkApi
from turnout.core.jobs import Job

DEPLOYMENTS = 12
RUNS = 120
TASKS = 3
"""Of each run; the last run has many."""
MANY_TASKS = 200
LINES = 2_000
"""Of the last run."""
FAILED_EVERY = 12
_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the pages are about: the last run, and its deployment; `deployment_id` where addresses have it."""

    run_id: str
    run_name: str
    deployment: str
    deployment_id: str = ""


def fill_turnout(server: TurnoutServer) -> Shown:
    """Deployments with schedules; runs that a worker executed, some of which failed."""
    server.apply(DEPLOYMENTS, scheduled=True)
    at = time.time() - 3600
    last = None
    with server.admin() as api, server.worker() as worker:
        worker.register(
            worker_id="bench", name="bench", project=NAMESPACE.project, pool="default", capacity=RUNS, holding=[]
        )
        for number in range(RUNS):
            api.trigger(f"flow-{number % DEPLOYMENTS}", namespace=NAMESPACE)
            (job,) = worker.claim(worker_id="bench", key=f"ui-{number}", slots=1, wait=10)
            _tell(server, job, number, at)
            last = job.run
    assert last is not None
    return Shown(run_id=last.id, run_name=last.name, deployment=str(last.deployment))


def fill_prefect(server: PrefectServer) -> Shown:
    """The same: flows, deployments, runs, tasks and lines."""
    with httpx.Client(base_url=f"http://{server.host}/api", timeout=60, trust_env=False) as http:
        deployed = [_prefect_deployment(http, number) for number in range(DEPLOYMENTS)]
        run: dict[str, Any] = {}
        for number in range(RUNS):
            flow, deployment = deployed[number % DEPLOYMENTS]
            run = _post(http, "/flow_runs/", {"flow_id": flow, "deployment_id": deployment, "state": _state("RUNNING")})
            for task in range(_tasks(number)):
                wanted = {"flow_run_id": run["id"], "task_key": "work", "dynamic_key": str(task)}
                _post(http, "/task_runs/", {**wanted, "name": f"work-{task}", "state": _state("COMPLETED")})
            end = _state("FAILED" if _fails(number) else "COMPLETED")
            _post(http, f"/flow_runs/{run['id']}/set_state", {"state": end, "force": True})
        began = datetime.now(UTC) - timedelta(hours=1)
        lines = [
            {
                "name": "bench", "level": 20, "message": line(number), "flow_run_id": run["id"],
                "timestamp": (began + timedelta(milliseconds=number)).isoformat(),
            }
            for number in range(LINES)
        ]  # fmt: skip
        for start in range(0, LINES, _BATCH):
            _post(http, "/logs/", lines[start : start + _BATCH])
        deployment_id = deployed[(RUNS - 1) % DEPLOYMENTS][1]
    name = f"flow-{(RUNS - 1) % DEPLOYMENTS}"
    return Shown(run_id=run["id"], run_name=run["name"], deployment=name, deployment_id=deployment_id)


def failing() -> str:
    """The deployment whose runs failed."""
    return f"flow-{FAILED_EVERY // 2 % DEPLOYMENTS}"


def line(number: int) -> str:
    """A line of the log."""
    return f"loaded county {number} of the roll"


def _tasks(number: int) -> int:
    return MANY_TASKS if number == RUNS - 1 else TASKS


def _fails(number: int) -> bool:
    return number % FAILED_EVERY == FAILED_EVERY // 2


def _tell(server: TurnoutServer, job: Job, number: int, at: float) -> None:
    """What the run's process would have told."""
    run = job.run
    header = {
        "protocol": 1, "run": run.id, "attempt": run.attempt, "stream": 0, "pid": 1, "flow": run.flow_name,
        "run_name": run.name, "at": at, "parameters": {}, "tags": [], "entrypoint": "flows/0.py:main",
        "project": NAMESPACE.project, "trigger": "manual",
    }  # fmt: skip
    tasks = itertools.chain.from_iterable(
        (
            ["c", task, 0, "task", f"work#{task}", "work", at, "running", None],
            ["s", task, "completed", at + 1, {"result": {"inline": task}}],
        )
        for task in range(1, _tasks(number) + 1)
    )
    lines = (["l", 0, at, 20, "bench", line(n)] for n in range(LINES if number == RUNS - 1 else 0))
    error = {"error": {"type": "ValueError", "message": "the disk is full"}}
    end = ["s", 0, "failed", at + 2, error] if _fails(number) else ["s", 0, "completed", at + 2, None]
    entries = [header, ["s", 0, "running", at, None], *tasks, *lines, end, ["e", at + 2]]
    with HttpWorkApi(server.url, job.token) as mine:
        mine.ship(run.id, run.attempt, 0, 0, b"".join(json.dumps(entry).encode() + b"\n" for entry in entries))


def _prefect_deployment(http: httpx.Client, number: int) -> tuple[str, str]:
    flow = _post(http, "/flows/", {"name": f"flow-{number}"})["id"]
    daily = {"schedule": {"cron": f"{number} 0 * * *"}, "active": True}
    wanted = {"name": f"flow-{number}", "flow_id": flow, "schedules": [daily], "tags": ["bench"]}
    return str(flow), str(_post(http, "/deployments/", {**wanted, "entrypoint": f"flows/{number}.py:main"})["id"])


def _state(kind: str) -> dict[str, Any]:
    return {"type": kind, "name": kind.capitalize(), "message": "the disk is full" if kind == "FAILED" else None}


def _post(http: httpx.Client, path: str, body: Any) -> Any:
    """As its own client does: asked again while the database is locked (503)."""
    for pause in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        answer = http.post(path, json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(pause)
    answer.raise_for_status()
    return answer.json() if answer.content else None
