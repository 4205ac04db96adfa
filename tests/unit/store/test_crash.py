"""kill -9 in the middle of writing: what was acknowledged is there, what is there is whole."""

import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from turnout.core.records import RunFilter
from turnout.store import open_store

WRITER = """
import os, sys
from tests.contract.factories import insert, move, new_run, created, step, log, lines
from turnout.core.states import RunState
from turnout.store import open_store

oracle = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def work(tx):
    run = new_run(id=tx.new_id(), created_at=tx.now, state_at=tx.now, tags=("t",))
    assert tx.runs.insert(run, "x")
    run = move(tx, run, RunState.PENDING, token_hash=run.id)
    tx.journal.store(run.id, 1, 2, 0, lines(created(1), step(1, "running"), log("hello")))
    return run.id

store = open_store(sys.argv[1])
print("ready", flush=True)
while True:
    for future in [store.submit(work) for _ in range(5)]:
        os.write(oracle, (future.result() + "\\n").encode())
"""


@pytest.mark.slow
def test_acknowledged_writes_survive_being_killed(tmp_path: Path) -> None:
    oracle = tmp_path / "oracle"
    chance = random.Random(7)
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(oracle)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            reach(oracle, size(oracle) + 33 * chance.randrange(1, 60), process)
            process.send_signal(signal.SIGKILL)
        check(tmp_path, oracle)


def size(oracle: Path) -> int:
    return oracle.stat().st_size if oracle.exists() else 0


def reach(oracle: Path, wanted: int, process: "subprocess.Popen[str]") -> None:
    """Return once `wanted` bytes were acknowledged."""
    while size(oracle) < wanted:
        assert process.poll() is None, "the writer ended by itself"


def check(folder: Path, oracle: Path) -> None:
    acknowledged = set(oracle.read_text().split())
    with open_store(folder) as store:
        total = sum(store.read(lambda tx: tx.runs.count(RunFilter())).values())
        assert total >= len(acknowledged)
        for run_id in acknowledged:
            assert store.read(lambda tx, run_id=run_id: tx.runs.get(run_id)) is not None, f"{run_id} is lost"
    database = sqlite3.connect(folder / "turnout.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    for table, each in (
        ("flow_run_history", 2),
        ("outbox", 2),
        ("run_tag", 1),
        ("run_token", 1),
        ("task_run", 1),
        ("log_chunk", 1),
        ("journal_stream", 1),
    ):
        assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (total * each,), (
            f"{table} is half-written"
        )
    assert database.execute("SELECT count(*) FROM flow_run WHERE state = 'pending' AND version = 2").fetchone() == (
        total,
    )
    database.close()
