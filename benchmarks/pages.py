"""What the pages of the UI ask for, of a server with many runs in its database: milliseconds an answer, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks import told
from benchmarks.fill import PROJECT, fill_postgresql, fill_sqlite
from benchmarks.searches import timed
from benchmarks.turnout_server import TurnoutServer, turnout_server
from tests.serving import packed
from turnout.core.jobs import Job
from turnout.store import open_store

BUDGET_MS = 100
FILTER_BUDGET_MS = 50
"""Of lists of runs and their totals, whatever they are filtered by; `TEXT_BUDGET_MS` with a text."""
TEXT_BUDGET_MS = 200
DEPLOYMENTS = 100
TASKS, LINES, ARTIFACTS = 10_000, 100_000, 20
"""Of the run that is looked at; of the others only what a list shows is there."""
TIMES = 50
RUNS, TOTAL = "/api/v1/views/runs", "/api/v1/views/runs/count"
HERE = {"project": PROJECT, "environment": "production"}


def measure_pages(folder: Path, database: str | None, count: int) -> Iterator[dict[str, Any]]:
    """Fill a database with `count` runs, start a server on it, ask for each panel `TIMES` times: the first answer, the
    median and the slowest, and whether that is within the budget. One run, the newest, has tasks, a log, artifacts, and
    an earlier one that was good with other code."""
    target = database or folder
    folder.mkdir(parents=True, exist_ok=True)
    open_store(target).close()
    if database:
        fill_postgresql(database, count)
    else:
        fill_sqlite(str(folder / "turnout.db"), count)
    with turnout_server(folder, database) as server, httpx.Client(base_url=server.url, headers=server.bearer) as http:
        looked_at = _worked(server).run
        _save_views(http)
        for panel, path, query in _panels(looked_at.id, str(looked_at.deployment)):
            taken = [_answer(http, path, query) for _ in range(TIMES)]
            yield {"peer": "turnout", "what": f"{count:,} runs: {panel}", **_row(taken, _budget(path, query))}


def _worked(server: TurnoutServer) -> Job:
    """Apply twice, the second time with other code; a good run of the first, and one of the second that failed."""
    told.register(server, 2)
    for changed, (tasks, lines, artifacts) in enumerate(((1, 1, 0), (TASKS, LINES, ARTIFACTS))):
        code = {f"flows/{number}.py": f"def main():\n    return {changed}\n".encode() for number in range(DEPLOYMENTS)}
        digest, content = packed(code)
        with server.admin() as api:
            api.put_bundle(digest, content)
        server.apply(DEPLOYMENTS, scheduled=True, bundle=digest)
        job, at = told.claim(server, "flow-7", f"pages-{changed}"), time.time() - 60
        told.tell(server, job, tasks=tasks, lines=lines, at=at, fails=bool(changed), artifacts=artifacts)
    return job


def _save_views(http: httpx.Client) -> None:
    for number in range(20):
        view = {"name": f"view {number}", "query": "?state=failed"}
        http.post("/api/v1/saved-views", params=HERE, json=view).raise_for_status()


def _panels(run: str, deployment: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(what it is, path, query) of everything that the pages ask for. run: the id of one."""
    now = datetime.now(UTC)
    yield "home", "/api/v1/views/home", HERE
    for what, where in (
        ("all", {}),
        ("failed", {"state": "failed"}),
        ("of one deployment", {"deployment": "flow-7"}),
        ("without two states", {"not_state": ["completed", "failed"]}),
        ("with a rare tag", {"tag": "rare"}),
        ("failed in the last day", {"state": "failed", "since": (now - timedelta(days=1)).isoformat()}),
        ("with a text", {"text": "maple-77"}),
        ("with a text that is nowhere", {"text": "zzz"}),
    ):
        yield f"runs, {what}", RUNS, {**HERE, "limit": 50, **where}
        yield f"runs, {what}: total", TOTAL, {**HERE, **where}
    yield "runs, saved views", "/api/v1/saved-views", HERE
    yield "run", f"{RUNS}/{run}", {}
    yield "run, its tasks", f"{RUNS}/{run}/tasks", {"attempt": 1}
    yield "run, its tasks with what they waited for", f"{RUNS}/{run}/tasks", {"attempt": 1, "upstream": True}
    yield "run, its log", f"{RUNS}/{run}/log", {"attempt": 1, "first": LINES // 2}
    yield "run, its log searched", f"{RUNS}/{run}/log/search", {"attempt": 1, "text": f"county {LINES - 1}"}
    yield "run, its errors in the log", f"{RUNS}/{run}/log/search", {"attempt": 1, "level": 40}
    yield "run, what changed in the code", f"{RUNS}/{run}/changes", {}
    yield "run, an artifact", f"{RUNS}/{run}/artifacts/1/0/{2 + 2 * TASKS + LINES}", {}
    yield "run, preview of a re-run", f"{RUNS}/{run}/rerun", {}
    yield "deployments", "/api/v1/production", {**HERE, "runs": 20}
    yield "deployment", f"/api/v1/deployments/{deployment}/detail", HERE
    yield "deployment, its history", RUNS, {**HERE, "deployment": deployment, "limit": 50}
    yield "deployment, its code", f"/api/v1/deployments/{deployment}/code", HERE
    yield "in production", "/api/v1/production", {**HERE, "runs": 1}
    yield "in production, drift", "/api/v1/drift", HERE
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = {"start": first.isoformat(), "end": (first + timedelta(days=42)).isoformat(), "timezone": "UTC"}
    yield "calendar, six weeks", "/api/v1/calendar", {**HERE, **days}
    yield "changes", "/api/v1/releases", {**HERE, "limit": 20}
    yield "changes, a release", "/api/v1/releases/2", HERE
    for panel in ("pools", "limits", "connections", "secrets"):
        yield panel, f"/api/v1/{panel}", HERE
    yield "workers", "/api/v1/workers", {}
    yield "variables", "/api/v1/values/variable", HERE
    yield "keys", "/api/v1/credentials", {}


def _budget(path: str, query: dict[str, Any]) -> float:
    if "text" in query:
        return TEXT_BUDGET_MS
    return FILTER_BUDGET_MS if path in (RUNS, TOTAL) else BUDGET_MS


def _answer(http: httpx.Client, path: str, query: dict[str, Any]) -> float:
    answer, seconds = timed(lambda: http.get(path, params=query))
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{path} answers {answer.status_code}: {answer.text[:300]}")
    return seconds


def _row(taken: list[float], budget: float) -> dict[str, Any]:
    first, times = taken[0] * 1000, sorted(spent * 1000 for spent in taken)
    return {
        "first_ms": round(first, 1),
        "p50_ms": round(times[len(times) // 2], 1),
        "most_ms": round(times[-1], 1),
        "budget_ms": budget,
        "met": times[-1] <= budget,
    }
