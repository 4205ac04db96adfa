"""What the pages of the UI ask for, of a server with many runs in its database: milliseconds an answer, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.fill import PROJECT, fill_postgresql, fill_sqlite
from benchmarks.searches import timed
from benchmarks.turnout_server import turnout_server
from turnout.store import open_store

BUDGET_MS = 100
FILTER_BUDGET_MS = 50
"""Of lists of runs and their totals, whatever they are filtered by; `TEXT_BUDGET_MS` with a text."""
TEXT_BUDGET_MS = 200
DEPLOYMENTS = 100
TIMES = 50
RUNS, TOTAL = "/api/v1/views/runs", "/api/v1/views/runs/count"
HERE = {"project": PROJECT, "environment": "production"}


def measure_pages(folder: Path, database: str | None, count: int) -> Iterator[dict[str, Any]]:
    """Fill a database with `count` runs, start a server on it, ask for each panel `TIMES` times: the first answer, the
    median and the slowest, and whether that is within the budget. The runs have no tasks and no log."""
    target = database or folder
    folder.mkdir(parents=True, exist_ok=True)
    open_store(target).close()
    if database:
        fill_postgresql(database, count)
    else:
        fill_sqlite(str(folder / "turnout.db"), count)
    with turnout_server(folder, database) as server, httpx.Client(base_url=server.url, headers=server.bearer) as http:
        server.apply(DEPLOYMENTS, scheduled=True)
        for panel, path, query in _panels(_newest(http)):
            taken = [_answer(http, path, query) for _ in range(TIMES)]
            yield {"peer": "turnout", "what": f"{count:,} runs: {panel}", **_row(taken, _budget(path, query))}


def _panels(run: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
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
    yield "run", f"{RUNS}/{run}", {}
    yield "run, its tasks", f"/api/v1/runs/{run}/tasks", {"attempt": 1}
    yield "run, its log", f"{RUNS}/{run}/log", {"attempt": 1}
    yield "run, preview of a re-run", f"{RUNS}/{run}/rerun", {}
    yield "deployments", "/api/v1/production", {**HERE, "runs": 20}
    yield "deployment", "/api/v1/deployments/flow-7/detail", HERE
    yield "in production", "/api/v1/production", {**HERE, "runs": 1}
    yield "in production, drift", "/api/v1/drift", HERE
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = {"start": first.isoformat(), "end": (first + timedelta(days=42)).isoformat(), "timezone": "UTC"}
    yield "calendar, six weeks", "/api/v1/calendar", {**HERE, **days}
    yield "changes", "/api/v1/releases", {**HERE, "limit": 20}
    for panel in ("pools", "limits", "connections", "secrets"):
        yield panel, f"/api/v1/{panel}", HERE
    yield "workers", "/api/v1/workers", {}
    yield "variables", "/api/v1/values/variable", HERE
    yield "keys", "/api/v1/credentials", {}


def _budget(path: str, query: dict[str, Any]) -> float:
    if "text" in query:
        return TEXT_BUDGET_MS
    return FILTER_BUDGET_MS if path in (RUNS, TOTAL) else BUDGET_MS


def _newest(http: httpx.Client) -> str:
    answer = http.get(RUNS, params={**HERE, "limit": 1, "state": "completed"})
    return str(answer.raise_for_status().json()["items"][0]["id"])


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
