"""The same data in a Turnout and in a Prefect server, told to each through its own API, for `./dev bench ui`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from benchmarks import told
from benchmarks.prefect_server import PrefectServer
from benchmarks.turnout_server import TurnoutServer

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
    told.register(server, RUNS)
    for number in range(RUNS):
        job = told.claim(server, f"flow-{number % DEPLOYMENTS}", f"ui-{number}")
        lines = LINES if number == RUNS - 1 else 0
        told.tell(server, job, tasks=_tasks(number), lines=lines, at=at, fails=_fails(number))
        last = job.run
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
                "name": "bench", "level": 20, "message": told.line(number), "flow_run_id": run["id"],
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


def _tasks(number: int) -> int:
    return MANY_TASKS if number == RUNS - 1 else TASKS


def _fails(number: int) -> bool:
    return number % FAILED_EVERY == FAILED_EVERY // 2


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
