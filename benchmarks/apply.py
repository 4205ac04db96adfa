"""`./dev bench apply`: a repository of many deployments, each in a file of its own, against a running server.

    check    `turnout check`: every file imported, nothing asked
    plan     `turnout plan` of the first commit
    apply    `turnout apply` of it: everything is new
    nothing  `turnout apply` again: nothing changed
    changed  `turnout apply` of a second commit that moves every schedule

Wall seconds of the whole command, medians; each round has a server and a repository of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import environment, wall
from benchmarks.turnout_server import turnout_server

BUDGETS = {(100, "apply"): 5.0}
"""(deployments, step) -> seconds."""


def main(arguments: list[str]) -> int:
    """Measure, print the table, keep it as JSON. 0: a benchmark measures, it does not judge."""
    options = _options(arguments)
    taken: dict[tuple[int, str], list[float]] = defaultdict(list)
    for _ in range(options.rounds):
        for size in options.sizes:
            for step, seconds in _round(size):
                taken[size, step].append(seconds)
    rows = []
    for (size, step), seconds in taken.items():
        median, budget = statistics.median(seconds), BUDGETS.get((size, step))
        verdict = "" if budget is None else f"   budget {budget:g}: {'met' if median <= budget else 'MISSED'}"
        print(f"{size:>5} deployments   {step:<8} {median:>6.2f} s{verdict}", flush=True)
        rows.append({"deployments": size, "step": step, "seconds": median, "all": seconds})
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        machine = {"python": sys.version.split()[0], "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench apply", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 200])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args(arguments)


def _round(size: int) -> Iterator[tuple[str, float]]:
    """(step, seconds), in order."""
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder:
        place = Path(folder) / "repository"
        _write(place, size, hour=6)
        _commit(place, "first")
        with turnout_server(Path(folder) / "data") as server:
            environ = environment(Path(folder) / "data") | {
                "TURNOUT_SERVER": server.url,
                "TURNOUT_TOKEN": server.token(),
            }

            def turnout(*words: str, codes: tuple[int, ...] = (0,)) -> float:
                return wall([sys.executable, "-m", "turnout", *words], environ, place, codes=codes)

            yield "check", turnout("check")
            yield "plan", turnout("plan", codes=(2,))  # 2: there are changes
            yield "apply", turnout("apply")
            yield "nothing", turnout("apply")
            _write(place, size, hour=7)
            _commit(place, "second")
            yield "changed", turnout("apply")


def _write(place: Path, size: int, *, hour: int) -> None:
    (place / "flows").mkdir(parents=True, exist_ok=True)
    lines = ["project: big", "timezone: UTC", "deployments:"]
    for number in range(size):
        code = f"from turnout import flow\n\n\n@flow\ndef main(number: int = {number}):\n    return number\n"
        (place / "flows" / f"flow_{number}.py").write_text(code)
        schedule = f'"{number % 60} {hour} * * *"'
        lines.append(f"  flow-{number}: {{flow: flows/flow_{number}.py:main, schedule: {schedule}}}")
    (place / "turnout.yaml").write_text("\n".join(lines) + "\n")
    (place / ".gitignore").write_text("__pycache__/\n.turnout/\n")


def _commit(place: Path, message: str) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
        subprocess.run(["git", *who, *words], cwd=place, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", message)
