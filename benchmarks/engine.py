"""`./dev bench engine`: the same workloads on Turnout, Prefect, DBOS, Dagster, Airflow, Luigi and bare Python.

Systems take turns in every round, in one run on one machine; figures are medians per unit of work. A turn begins once
the servers rest: a peer's server that still works off what it was sent would take a core from whoever comes next. Peers
do different amounts of work for a task: Turnout, Prefect, DBOS, Dagster and Airflow record it, Luigi does not. A
program's exit code and its results are checked before its time is believed; Turnout's record is read back by a fresh
process.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from benchmarks import fibonacci
from benchmarks.processes import wait_for_rest
from benchmarks.systems import Failed, Sample, System, on_postgresql, systems
from benchmarks.workloads import WORKLOADS, Workload
from tests.postgres import start_cluster

NAMES = ("bare", "luigi", "dbos", "dagster", "airflow", "prefect", "turnout")
ONCE = ("mapped-large", "fibonacci-heavy")
"""Not repeated: a round of it takes minutes."""
Taken = dict[str, list[Sample]]


def main(arguments: list[str]) -> int:
    """Measure, print the table, keep it as JSON. 0: a benchmark measures, it does not judge."""
    options = _options(arguments)
    rows = []
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder, contextlib.ExitStack() as stack:
        cluster = stack.enter_context(start_cluster(durable=True))
        found = stack.enter_context(systems(tuple(options.systems), Path(folder)))
        for workload in (w for w in WORKLOADS if w.key in options.workloads):
            if workload.key.startswith("fibonacci"):
                taken = _triggered(workload, found, Path(folder), options.rounds)
            else:
                chosen = found
                if workload.key == "acknowledged-server":
                    names = [name for name in found if name in workload.counts]
                    chosen = {name: on_postgresql(found[name], cluster) for name in names}
                taken = _rounds(workload, chosen, options.rounds)
            rows.append(_row(workload, taken))
            print(_text(workload, rows[-1]), flush=True)
    _print_memory(rows)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"machine": _machine(found), "rows": rows}, indent=2) + "\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench engine", description=__doc__.splitlines()[0])
    keys = [workload.key for workload in WORKLOADS]
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--workloads", nargs="+", choices=keys, default=keys)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args(arguments)


def _rounds(workload: Workload, chosen: dict[str, System], rounds: int) -> Taken:
    """Every system once a round; the first round of the fast ones does not count."""
    taken: Taken = defaultdict(list)
    able = [name for name in chosen if name in workload.counts]
    if workload.key not in ONCE:
        for name in able:
            if name in ("bare", "turnout"):  # byte code and files of the first time
                _try(chosen[name], workload)
    for _ in range(1 if workload.key in ONCE else rounds):
        for name in able:
            sample = _try(chosen[name], workload)
            if sample is not None:
                taken[name].append(sample)
    return taken


def _try(system: System, workload: Workload) -> Sample | None:
    wait_for_rest(os.getpid())
    try:
        return system.run(workload, workload.counts[system.name])
    except Failed as error:
        print(error, file=sys.stderr, flush=True)
        return None


def _triggered(workload: Workload, found: dict[str, System], place: Path, rounds: int) -> Taken:
    taken: Taken = defaultdict(list)
    with contextlib.ExitStack() as stack:
        triggers = {}
        if "bare" in found:
            triggers["bare"] = fibonacci.bare(found["bare"])
        if "prefect" in found:
            triggers["prefect"] = stack.enter_context(fibonacci.prefect(found["prefect"]))
        if "turnout" in found:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
            triggers["turnout"] = stack.enter_context(fibonacci.turnout(folder))
        for _ in range(1 if workload.key in ONCE else rounds):
            for name, trigger in triggers.items():
                wait_for_rest(os.getpid())
                taken[name].append(Sample(seconds=trigger(workload.key), peak_mb=0))
    return taken


def _row(workload: Workload, taken: Taken) -> dict[str, object]:
    """Medians in the workload's unit, what they are against Turnout's, and every sample."""
    medians = {
        name: statistics.median(s.seconds for s in samples) / workload.counts[name] * workload.scale
        for name, samples in taken.items()
    }
    ours = medians.get("turnout")
    return {
        "workload": workload.key,
        "unit": workload.unit,
        "medians": medians,
        "times_ours": {name: value / ours for name, value in medians.items()} if ours else {},
        "peak_mb": {name: statistics.median(s.peak_mb for s in samples) for name, samples in taken.items()},
        "samples": {name: [asdict(s) for s in samples] for name, samples in taken.items()},
    }


def _text(workload: Workload, row: dict) -> str:  # type: ignore[type-arg]
    """One block a workload: who took what, beside ours, and the bars."""
    note = f" ({workload.note})" if workload.note else ""
    lines = [f"\n{workload.title}, {workload.unit}{note}"]
    for name, value in row["medians"].items():
        times = row["times_ours"].get(name)
        line = f"  {name:<18} {value:>12,.4g}"
        if times is not None and name != "turnout":
            line += f"   {times:>9,.3g} x ours"
        bar = workload.bars.get(name)
        if bar is not None and times is not None:
            line += f"   bar {bar:g}: {'met' if times >= bar else 'MISSED'}"
        if name == "turnout" and workload.budget is not None:
            line += f"   budget {workload.budget:g}: {'met' if value <= workload.budget else 'MISSED'}"
        facts = row["samples"][name][-1]["facts"]
        if "expected" in facts:
            line += f"   recorded {facts['recorded']:,} of {facts['expected']:,} after {facts['settle_seconds']:.1f} s"
        lines.append(line)
    return "\n".join(lines)


def _print_memory(rows: list[dict]) -> None:  # type: ignore[type-arg]
    for row in rows:
        if row["workload"] in ("direct", "mapped", "mapped-large"):
            shown = ", ".join(f"{name} {value:.0f}" for name, value in row["peak_mb"].items())
            print(f"\npeak memory of the process, {row['workload']}, MB: {shown}")


def _machine(found: dict[str, System]) -> dict[str, object]:
    return {
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "versions": {name: system.version for name, system in found.items()},
    }
