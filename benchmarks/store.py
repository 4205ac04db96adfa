"""What the store takes: a journal of 10,000 tasks, alone and beside a busy thread; inserted runs; a script's write."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Figure, alternate, environment, output, print_table
from turnout.core.records import FlowRun, RunSpec
from turnout.core.states import RunState
from turnout.store import Store, open_store

TASKS = 10_000
RUNS = 1_000
AT = 1_790_000_000.0

SCRIPT = """
import time
started = time.perf_counter()
import sys
from turnout.store import open_store
from turnout.store import journal
imported = time.perf_counter()
lines = [
    b'["c",1,0,"task","work#0","work",1700000000.0,"running",null]\\n',
    b'["s",1,"completed",1700000000.5,{"result":{"inline":1}}]\\n',
]
with open_store(sys.argv[1], threaded=False) as store:
    store.write(lambda tx: tx.journal.store(sys.argv[2], 1, 2, 0, lines))
print(imported - started, time.perf_counter() - imported)
"""


def main(arguments: list[str]) -> int:
    """Measure, print, optionally write JSON. 0 if every figure is within its budget."""
    parser = argparse.ArgumentParser(prog="./dev bench store")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = list(measured(Path(folder), options.rounds))
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2))
    return 0 if all(figure.within for figure in figures) else 1


def measured(folder: Path, rounds: int) -> Iterator[Figure]:
    """Every figure of the store."""
    lines = journal()
    text = b"[" + b",".join(lines) + b"]"
    with open_store(folder / "a") as store:
        ours, floor = alternate(ingesting(store, lines), timed(lambda: json.loads(text)), rounds)
        yield Figure(
            name="ingest 10,000 tasks (20,000 entries)",
            unit="s",
            ours=ours,
            floor=floor,
            floor_is="json.loads",
            budget=0.35,
        )
        with busy_thread():
            busy = statistics.median(ingesting(store, lines)() for _ in range(rounds))
        yield Figure(
            name="... beside a busy thread", unit="s", ours=busy, floor=ours, floor_is="the same, alone", budget=0.7
        )
        inserted = statistics.median(inserting(store)() for _ in range(rounds))
        synced = statistics.median(
            timed(lambda: store.write(lambda tx: tx.credentials.put("h", "bench", "bench", None, None)))()
            for _ in range(99)
        )
        yield Figure(
            name="insert 1,000 runs, grouped", unit="s", ours=inserted, floor=synced, floor_is="one commit", budget=0.6
        )
    yield script(folder, rounds)


def journal() -> list[bytes]:
    """The lines of a flow of TASKS short tasks."""
    entries = [
        entry
        for n in range(1, TASKS + 1)
        for entry in (
            ["c", n, 0, "task", f"work#{n}", "work", AT, "running", None],
            ["s", n, "completed", AT + 1, {"result": {"inline": n}, "inputs": "0123456789abcdef"}],
        )
    ]
    return [json.dumps(entry, separators=(",", ":")).encode() for entry in entries]


def ingesting(store: Store, lines: list[bytes]) -> Callable[[], float]:
    """Times storing `lines` for a run of its own; believes it once every task is counted."""

    def measure() -> float:
        run_id = store.write(lambda tx: tx.new_id())
        took = timed(lambda: store.write(lambda tx: tx.journal.store(run_id, 1, 2, 0, lines)))()
        assert store.read(lambda tx: tx.journal.task_counts(run_id, 1)) == {"completed": TASKS}
        return took

    return measure


def inserting(store: Store) -> Callable[[], float]:
    """Times submitting RUNS inserts and waiting for the last."""

    def measure() -> float:
        return timed(lambda: [future.result() for future in [store.submit(insert) for _ in range(RUNS)]])()

    return measure


def insert(tx: object) -> bool:
    """One scheduled run."""
    now = tx.now  # type: ignore[attr-defined]
    run = FlowRun(
        id=tx.new_id(),  # type: ignore[attr-defined]
        project="bench",
        environment="production",
        deployment="load",
        flow_name="load",
        name="quiet-heron",
        state=RunState.SCHEDULED,
        state_name="Scheduled",
        reason=None,
        state_at=now,
        version=1,
        attempt=1,
        failures=0,
        crashes=0,
        trigger="manual",
        created_by="admin:bench",
        pool="default",
        priority=0,
        parameters={},
        tags=(),
        due_at=now,
        created_at=now,
        started_at=None,
        ended_at=None,
        occurrence=None,
        spec=RunSpec(entrypoint="flows/load.py:load"),
    )
    return bool(tx.runs.insert(run, "admin:bench"))  # type: ignore[attr-defined]


def script(folder: Path, rounds: int) -> Figure:
    """A fresh process: open an existing store, ingest a task, commit, close. Its imports are named beside it."""
    open_store(folder / "b").close()
    environ = environment(folder)
    taken = []
    for number in range(rounds + 1):
        answer = output([sys.executable, "-c", SCRIPT, str(folder / "b"), f"{number:032x}"], environ, folder)
        taken.append([float(part) for part in answer.split()])
    imports, work = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    return Figure(
        name="a script's write: open, 1 task, commit, close",
        unit="s",
        ours=work,
        floor=imports,
        floor_is="importing it",
        budget=0.012,
    )


def timed(fn: Callable[[], object]) -> Callable[[], float]:
    """A function that returns how long `fn` took, in seconds."""

    def measure() -> float:
        started = time.perf_counter()
        fn()
        return time.perf_counter() - started

    return measure


@contextmanager
def busy_thread() -> Iterator[None]:
    """Beside a thread that computes in Python without rest."""
    going = True

    def compute() -> None:
        count = 0
        while going:
            count += 1

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        going = False
        thread.join()
