"""How figures are taken: alternating rounds, medians, exit codes checked before a time is believed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured workload: `ours` and `floor` are medians in `unit`; `budget` is the bar that was set for it."""

    name: str
    unit: str
    ours: float
    floor: float
    floor_is: str
    budget: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the physical limit."""
        return self.ours / self.floor if self.floor else float("inf")

    @property
    def within(self) -> bool:
        return self.ours <= self.budget


def environment(data: Path) -> dict[str, str]:
    """The environment of a measured process: byte code cached, records kept under `data`."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE" and not k.startswith("TURNOUT_")}
    return {**kept, "TURNOUT_DATA": str(data)}


def wall(command: Sequence[str], environ: dict[str, str], cwd: Path, *, codes: tuple[int, ...] = (0,)) -> float:
    """Seconds from start to exit of `command`; raises unless it exits with one of `codes`."""
    started = time.perf_counter()
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True)
    took = time.perf_counter() - started
    if done.returncode not in codes:
        raise RuntimeError(f"{command} exited with {done.returncode}:\n{done.stderr}")
    return took


def output(command: Sequence[str], environ: dict[str, str], cwd: Path) -> str:
    """stdout of `command`; raises unless it exits 0."""
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command} exited with {done.returncode}:\n{done.stderr}")
    return done.stdout


def alternate(first: Callable[[], float], second: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Medians of two measurements taken in turns, after one round that does not count."""
    first(), second()
    pairs = [(first(), second()) for _ in range(rounds)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def expect_record(place: Path, environ: dict[str, str], tasks: int) -> None:
    """Read the last run back in a fresh process; raises unless every task is there, complete."""
    found = json.loads(output([sys.executable, "-c", READ_BACK], environ, place))
    if found != {"state": "completed", "tasks": tasks}:
        raise RuntimeError(f"the record is not complete: {found}, expected {tasks} tasks")


def print_table(figures: Sequence[Figure]) -> None:
    """One line a figure, for people."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, medians of alternating rounds\n")
    print(f"{'workload':<44} {'ours':>10} {'budget':>10} {'floor':>10} {'ratio':>7}  floor is")
    for f in figures:
        mark = " " if f.within else "!"
        head = f"{f.name:<44} {f.ours:>10.3g} {f.budget:>10.3g} {f.floor:>10.3g} {f.ratio:>6.1f}x{mark}"
        print(f"{head} {f.floor_is} [{f.unit}]{'; ' + f.note if f.note else ''}")


READ_BACK = """\
import json, sys
from turnout.cli.target import admin_api
from turnout.core.records import Page, RunFilter
with admin_api() as api:
    run = api.runs(RunFilter(), Page(limit=1))[0]
    done, page = 0, Page(limit=200)
    while batch := api.tasks(run.id, page):
        done += sum(t.state == "completed" and t.result is not None and len(t.timeline) >= 2 for t in batch)
        page = Page(limit=200, after=str(batch[-1].number))
    print(json.dumps({"state": run.state, "tasks": done}))
"""
