"""What releases before this one wrote: journals are still stored, jobs still run, checkpoints are still reused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compat.record import GOLDEN, RUN
from turnout.core.errors import ParameterError
from turnout.core.journal import PROTOCOL, SPOKEN
from turnout.core.records import Page
from turnout.store import Store, open_store
from turnout.testing import RecordedRun

FOLDERS = [GOLDEN / f"protocol-{number}" for number in sorted(SPOKEN)]
every_protocol = pytest.mark.parametrize("golden", FOLDERS, ids=lambda folder: folder.name)


def test_the_present_protocol_has_its_golden_files() -> None:
    assert (GOLDEN / f"protocol-{PROTOCOL}" / "journal.jsonl").exists(), "python -m tests.compat.record"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "data", threaded=False)


def journal_of(golden: Path) -> list[bytes]:
    return (golden / "journal.jsonl").read_bytes().splitlines()


@every_protocol
def test_a_journal_is_stored(golden: Path, store: Store) -> None:
    lines = journal_of(golden)
    with store:
        batch = store.write(lambda tx: tx.journal.store(RUN, 1, 0, 0, lines))
        assert (batch.acked, batch.ended) == (len(lines) - 1, True)
        assert [state for state, _, _ in batch.flow_entries] == ["running", "completed"]
        tasks = store.read(lambda tx: tx.journal.tasks(RUN, 1, Page(limit=50)))
        assert [(task.key, task.kind, task.state_name, task.tries) for task in tasks] == [
            ("load#0", "task", "Completed", 1),
            ("flaky#0", "task", "Completed", 2),
            ("opened#0", "task", "Completed", 1),
            ("inner#0", "flow", "Completed", 1),
            ("never#0", "task", "Failed", 1),
            ("load#1", "task", "NotReady", 0),
        ]
        logs = store.read(lambda tx: tx.journal.logs(RUN, 1, None, 50))
        assert [line.message for line in logs][1:] == ["load OH", "inner 2026-11-03"]
        steps = store.read(lambda tx: list(tx.journal.checkpoints(RUN, 2)))
        assert {step.key for step in steps} == {"load#0", "flaky#0", "inner#0"}


def test_a_journal_of_a_newer_release_is_refused_with_the_way_out(store: Store) -> None:
    header, *_ = journal_of(FOLDERS[-1])
    newer = json.dumps({**json.loads(header), "protocol": PROTOCOL + 1}).encode()
    with store, pytest.raises(ParameterError, match="upgrade the server first"):
        store.write(lambda tx: tx.journal.store(RUN, 1, 0, 0, [newer]))


@every_protocol
def test_a_job_is_run_and_resumed(golden: Path, tmp_path: Path) -> None:
    first = execute(golden, tmp_path, attempt=1, checkpoints=None)
    assert (first.state, first.task("never#0").states[-1][0]) == ("completed", "failed")
    second = execute(golden, tmp_path, attempt=2, checkpoints=golden / "checkpoints.jsonl")
    assert second.state == "completed"
    reused = [task.key for task in second.tasks if task.state_name == "Reused"]
    assert reused == ["load#0", "flaky#0", "inner#0"]
    assert second.facts["result"] == first.facts["result"]


def execute(golden: Path, folder: Path, *, attempt: int, checkpoints: Path | None) -> RecordedRun:
    """The engine of this release on a job of an earlier one."""
    (folder / "spool").mkdir(exist_ok=True)
    (folder / "flows.py").write_text((golden / "flows.py").read_text())
    job = json.loads((golden / "job.json").read_text().replace("FOLDER", str(folder)))
    job["run"]["attempt"] = attempt
    job["checkpoints"] = None if checkpoints is None else str(checkpoints)
    file = folder / f"job.{attempt}"
    file.write_text(json.dumps(job))
    done = subprocess.run([sys.executable, "-m", "turnout.engine", file], capture_output=True, text=True, cwd=os.sep)
    assert done.returncode == 0, done.stderr
    return RecordedRun((folder / "spool" / f"{RUN}.{attempt}.0").read_text().split("\n")[:-1])
