"""Every combination of filters on a database with many runs: first page, page 100, count."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.fill import fill_postgresql, fill_sqlite
from turnout.core.limits import PAGE_ROWS
from turnout.core.records import Page, RunFilter
from turnout.core.states import RunState
from turnout.store import open_store

PAGE = 50
FAR = 100


def combinations() -> Iterator[RunFilter]:
    """Every set of filters, the values of each in turn: common ones, rare ones, none that are met."""
    now = datetime.now(UTC)
    parts: dict[str, tuple[Any, ...]] = {
        "project": ("bench", "other"),
        "environment": ("production", "staging"),
        "deployment": ("flow-7", "flow-55"),
        "flow_name": ("flow-3", "flow-27"),
        "states": ((RunState.FAILED,), (RunState.PAUSED, RunState.RUNNING), (RunState.COMPLETED, RunState.FAILED)),
        "tags": (("nightly",), ("nightly", "rare"), ("team-a", "van")),
        "since": (now - timedelta(days=2), now - timedelta(days=60)),
        "until": (now - timedelta(days=1), now - timedelta(days=40)),
        "text": ("heron", "flow-3", "zzz", "run-maple-77"),
    }
    turns = {name: itertools.cycle(values) for name, values in parts.items()}
    for chosen in itertools.product((False, True), repeat=len(parts)):
        yield RunFilter(**{name: next(turns[name]) for name, part in zip(parts, chosen, strict=True) if part})


def measure_searches(folder: Path, database: str | None, count: int) -> Iterator[dict[str, Any]]:
    """Fill a database with `count` runs, ask; quantiles in ms, of the thread's CPU time too where it does the work."""
    target = database or folder
    open_store(target).close()
    if database:
        fill_postgresql(database, count)
    else:
        fill_sqlite(str(folder / "turnout.db"), count)
    taken: dict[str, list[float]] = {}
    short = 0
    with open_store(target) as store:
        for where in combinations():
            kind = "text" if where.text else "no text"

            def ask(after: str | None, where: RunFilter = where, rows: int = PAGE) -> tuple[list[Any], str | None]:
                return store.read(lambda tx: tx.runs.search(where, Page(limit=rows, after=after)))

            (found, after), spent = timed(lambda ask=ask: ask(None))  # type: ignore[misc]
            taken.setdefault(f"first page, {kind}", []).append(spent)
            short += after is not None and len(found) < PAGE
            left = (FAR - 2) * PAGE
            for _ in range(
                FAR - 2
            ):  # in long strides: nobody waits for the pages between; rare runs come in short ones
                if after is None or not left:
                    break
                found, after = ask(after, rows=min(left, PAGE_ROWS))
                left -= len(found)
            if after is not None:
                _, spent = timed(lambda ask=ask, after=after: ask(after))  # type: ignore[misc]
                taken.setdefault(f"page {FAR}, {kind}", []).append(spent)
            _, spent = timed(lambda where=where: store.read(lambda tx: tx.runs.count(where)))  # type: ignore[misc]
            taken.setdefault(f"count, {kind}", []).append(spent)
    for what, times in sorted(taken.items()):
        times.sort()
        yield {
            "peer": "turnout",
            "what": f"{count:,} runs: {what}",
            "asked": len(times),
            "p50_ms": round(times[len(times) // 2] * 1000, 2),
            "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 2),
            "most_ms": round(times[-1] * 1000, 2),
        }
    yield {"peer": "turnout", "what": f"{count:,} runs: first pages that end early", "pages": short}


def timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    """The answer and its seconds."""
    began = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - began
