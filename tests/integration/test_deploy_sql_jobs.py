"""SQL files as a worker executes them: connections of the release, the project's data folder, one process at a time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from turnout.core.ids import make_id

duckdb = pytest.importorskip("duckdb")

SQL = """\
-- parameter number: integer
-- export: out.csv
INSERT INTO t VALUES ($number);
SELECT count(*) AS rows FROM t;
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "spool").mkdir(parents=True)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "insert.sql").write_text(SQL)
    with duckdb.connect(str(data / "w.duckdb")) as opened:
        opened.execute("CREATE TABLE t (n INTEGER)")
    return data


def start(data: Path, number: int, *, connections: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """The flow process of a run, as a supervisor would start it."""
    run_id = make_id(1_700_000_000_000, bytes([number] * 10))
    run = {
        "id": run_id, "attempt": 1, "name": f"run-{number}", "flow_name": "insert", "trigger": "manual",
        "deployment": "insert", "project": "field", "tags": [], "parameters": {"number": number},
        "spec": {"entrypoint": "insert.sql", "connection": "warehouse"},
    }  # fmt: skip
    job = {
        "run": run, "parameters": {"number": number}, "variables": {}, "connections": connections,
        "data_dir": str(data), "bundle_dir": str(data.parent / "bundle"), "spool": str(data / "spool"),
    }  # fmt: skip
    path = data / f"{number}.job"
    path.write_text(json.dumps(job))
    return subprocess.Popen([sys.executable, "-m", "turnout.engine", str(path)], stderr=subprocess.PIPE)


def entries(data: Path, number: int) -> list[Any]:
    (spool,) = (data / "spool").glob(f"{make_id(1_700_000_000_000, bytes([number] * 10))}.1.0")
    return [json.loads(line) for line in spool.read_text().splitlines()]


def test_runs_that_need_the_same_file_take_turns(data: Path) -> None:
    declared = {"warehouse": {"type": "duckdb", "database": "w.duckdb"}}
    children = [start(data, number, connections=declared) for number in range(1, 5)]
    for child in children:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said.decode()
    with duckdb.connect(str(data / "w.duckdb")) as opened:
        assert opened.execute("SELECT sum(n), count(*) FROM t").fetchone() == (10, 4)
    assert (data / "exports" / "out.csv").read_text().startswith("rows\n")
    states = [entry[2] for entry in entries(data, 1)[1:] if entry[0] == "s" and entry[1] == 0]
    assert states == ["running", "completed"]


def test_a_connection_that_the_release_lacks_fails_the_run_with_the_reason(data: Path) -> None:
    child = start(data, 1, connections={"warehose": {"type": "duckdb", "database": "w.duckdb"}})
    child.communicate(timeout=60)
    assert child.returncode == 1
    last = [entry for entry in entries(data, 1)[1:] if entry[0] == "s" and entry[1] == 0][-1]
    assert last[2] == "failed"
    assert "there is no connection 'warehouse'" in last[4]["reason"]
