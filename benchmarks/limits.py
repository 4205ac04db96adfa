"""`./dev bench limits`: thirty one-second calls of which three may go on at once, beside the ten seconds they take.

In one process (nothing recorded, no files), in one and in three processes of a data folder without a server, and in
three processes that share the limit through a server. No more than three at once is checked, not assumed. Every process
has made one call before the time begins: what the first one loads (0.2 s of CPU for the HTTP client) is not in it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Figure, environment, print_table
from benchmarks.turnout_server import NAMESPACE, turnout_server
from turnout.core.snapshot import LimitSpec, PoolSpec, Snapshot

PROGRAM = Path(__file__).parent / "programs" / "limits_program.py"
LIMIT = 3
MANIFEST = f"project: {NAMESPACE.project}\nlimits:\n  van-api: {{concurrency: {LIMIT}}}\n"
BUDGETS = {"process": 10.3, "files, 1": 10.3, "files, 3": 10.6, "server, 3": 10.6}


def main(arguments: list[str]) -> int:
    """Measure each level; returns 1 if a limit was exceeded."""
    parser = argparse.ArgumentParser(prog="./dev bench limits")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--only", choices=sorted(BUDGETS), action="append")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    figures = [measure(level, options.calls, options.seconds, options.rounds) for level in options.only or BUDGETS]
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps([vars(figure) for figure in figures], indent=2) + "\n")
    return 0


def measure(level: str, calls: int, seconds: float, rounds: int) -> Figure:
    """The median of a level's rounds. Raises RuntimeError if more than the limit went on at once."""
    took = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder, _place(Path(folder), level) as environ:
            took.append(_round(Path(folder), environ, calls, seconds, processes=3 if level.endswith("3") else 1))
    floor = calls * seconds / LIMIT
    return Figure(
        name=f"{calls} calls of {seconds:g} s, 3 at once: {level}", unit="s", ours=sorted(took)[len(took) // 2],
        floor=floor, floor_is=f"{calls} / 3 x {seconds:g} s", budget=BUDGETS[level] * floor / 10,
    )  # fmt: skip


@contextlib.contextmanager
def _place(folder: Path, level: str) -> Iterator[dict[str, str]]:
    (folder / "turnout.yaml").write_text(MANIFEST)
    (folder / "limits_program.py").write_text(PROGRAM.read_text())
    environ = environment(folder / "data")
    if level != "server, 3":
        yield environ | ({"TURNOUT_RECORD": "0"} if level == "process" else {})
        return
    with turnout_server(folder / "data") as server:
        wanted = Snapshot(project=NAMESPACE.project, pools={"default": PoolSpec()})
        wanted = replace(wanted, limits={"van-api": LimitSpec(concurrency=LIMIT)})
        with server.admin() as api:
            api.apply(wanted, bundle=None, commit="8970c6b", author="bench", message="bench", allow_removals=True)
        yield environ


def _round(folder: Path, environ: dict[str, str], calls: int, seconds: float, processes: int) -> float:
    command = [sys.executable, "limits_program.py", str(calls // processes), str(seconds)]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen(command, cwd=folder, env=environ, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)
    ]
    for each in running:
        assert each.stdout is not None
        if each.stdout.readline() != "ready\n":
            raise RuntimeError("a measured process ended early")
    began = time.monotonic()
    spans: list[tuple[float, float]] = []
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in running:
        said, _ = each.communicate()
        if each.returncode:
            raise RuntimeError(f"a measured process exited with {each.returncode}")
        spans += [tuple(span) for span in json.loads(said.splitlines()[-1])]
    if most_at_once(spans) > LIMIT or len(spans) != calls:
        raise RuntimeError(f"{most_at_once(spans)} at once, {len(spans)} calls")
    return max(end for _, end in spans) - began


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """How many of the spans overlap at most."""
    now = most = 0
    for _, change in sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans]):
        now += change
        most = max(most, now)
    return most
