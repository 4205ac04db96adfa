"""`./dev bench runners`: 1,000 tasks that do nothing on each task runner, beside the library that it stands on.

Ours are *recorded*: every task's creation, start, end and result is in the run's journal before its future is done. The
library keeps nothing. Starting pools and clusters is not timed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Figure, environment, output, print_table

PROGRAM = Path(__file__).parent / "programs" / "runners_program.py"
FLOORS = {
    "threads": "ThreadPoolExecutor.map",
    "processes": "ProcessPoolExecutor.map",
    "dask": "client.submit, gather",
    "ray": "ray.remote, get",
}
BUDGETS = {"threads": 60.0, "processes": 400.0, "dask": 6000.0, "ray": 2500.0}


def main(arguments: list[str]) -> int:
    """Measure each runner; returns 0 (a benchmark measures, it does not judge)."""
    parser = argparse.ArgumentParser(prog="./dev bench runners")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--only", choices=sorted(FLOORS), action="append")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    figures = [measure(kind, options.tasks, options.rounds) for kind in options.only or FLOORS]
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps([vars(figure) for figure in figures], indent=2) + "\n")
    return 0


def measure(kind: str, tasks: int, rounds: int) -> Figure:
    """The medians of one runner and its library, from rounds in turns."""
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder:
        place = Path(folder)
        environ = {**environment(place / "data"), "RAY_AUTH_MODE": "disabled"}
        command = [sys.executable, str(PROGRAM), kind, str(tasks), str(rounds)]
        pairs = json.loads(output(command, environ, place).strip().splitlines()[-1])
    ours, floor = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    return Figure(
        name=f"{tasks:,} tasks on {kind}", unit="us a task", ours=ours, floor=floor, floor_is=FLOORS[kind],
        budget=BUDGETS[kind],
    )  # fmt: skip
