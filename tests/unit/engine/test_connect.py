import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from turnout.engine import connect

FLOW = """
import sys
from turnout import flow, task
@task
def add(a, b): return a + b
@flow(flow_run_name="sum-{x}")
def total(x: int, rows: list = []): return add(x, 1)
if __name__ == "__main__": print(total(int(sys.argv[1])))
"""


def run(script: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, script, *args],
        capture_output=True,
        text=True,
        env={"HOME": str(script.parent), **env},
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose flows cannot be ingested: another process holds the store."""
    (tmp_path / "turnout.yaml").write_text("# mine\nproject: 'field-data'  # name\n")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "sums.py").write_text(FLOW)
    return tmp_path


@pytest.fixture
def unreachable(project: Path) -> dict[str, str]:
    """An environment in which the store's package does not import: the spool has to wait for someone else."""
    block = project / "block"
    block.mkdir()
    (block / "sitecustomize.py").write_text("import sys; sys.modules['turnout.local.ingest'] = None\n")
    return {"PYTHONPATH": str(block)}


def test_a_script_records_in_its_projects_data_folder(project: Path, unreachable: dict[str, str]) -> None:
    done = run(project / "flows" / "sums.py", "4", **unreachable)
    assert (done.returncode, done.stdout, done.stderr) == (0, "5\n", "")
    (spool,) = (project / ".turnout" / "spool").iterdir()
    header, *rest = [json.loads(line) for line in spool.read_text().splitlines()]
    assert spool.name == f"{header['run']}.1.0"
    assert (project / ".turnout").stat().st_mode & 0o777 == 0o700
    assert {key: header[key] for key in ("flow", "run_name", "project", "entrypoint", "trigger", "parameters")} == {
        "flow": "total", "run_name": "sum-4", "project": "field-data", "entrypoint": "flows/sums.py:total",
        "trigger": "script", "parameters": {"x": 4, "rows": []},
    }  # fmt: skip
    assert [entry[0] for entry in rest] == ["s", "c", "s", "s", "e"]


def test_the_environment_names_another_folder(project: Path, unreachable: dict[str, str]) -> None:
    elsewhere = project / "elsewhere"
    run(project / "flows" / "sums.py", "4", TURNOUT_DATA=str(elsewhere), **unreachable)
    assert len(list((elsewhere / "spool").iterdir())) == 1
    assert not (project / ".turnout").exists()


def test_without_a_project_it_is_the_users_folder(tmp_path: Path) -> None:
    assert connect.data_dir(None).endswith("/turnout")
    assert connect.find_project(str(tmp_path)) is None or os.path.isfile(
        os.path.join(str(connect.find_project(str(tmp_path))), "turnout.yaml")
    )


def test_recording_can_be_switched_off(project: Path) -> None:
    done = run(project / "flows" / "sums.py", "4", TURNOUT_RECORD="0")
    assert done.stdout == "5\n"
    assert not (project / ".turnout").exists()


def test_an_unwritable_folder_costs_the_record_and_not_the_run(project: Path) -> None:
    (project / ".turnout").write_text("a file is in the way")
    done = run(project / "flows" / "sums.py", "4")
    assert (done.returncode, done.stdout) == (0, "5\n")
    assert len(done.stderr.splitlines()) == 1
    assert "not recorded" in done.stderr


def test_a_projects_own_tests_do_not_fill_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TURNOUT_DATA", raising=False)
    monkeypatch.delenv("TURNOUT_RECORD", raising=False)
    assert not connect.recording()
    monkeypatch.setenv("TURNOUT_DATA", "/somewhere")
    assert connect.recording()
    monkeypatch.setenv("TURNOUT_RECORD", "0")
    assert not connect.recording()


@pytest.mark.parametrize(
    ("value", "shown"),
    [({"a": (1,)}, {"a": {"$type": "tuple", "items": [1]}}), (open, repr(open)), ("x" * 300_000, None)],
)
def test_parameters_are_shown_as_far_as_they_can_be(value: Any, shown: Any) -> None:
    parsed = json.loads(connect._parameters_json({"value": value, "other": 1}))
    assert parsed["other"] == 1
    assert parsed["value"] == shown if shown is not None else len(parsed["value"]) <= 200


def test_importing_costs_nothing_heavy() -> None:
    code = """
import sys
before = set(sys.modules)
from turnout import flow, task, get_run_logger
@task
def a(): ...
@flow
def b(): ...
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(" ".join(sorted(new)))
"""
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False,
                          env={"PYTHONPATH": str(Path(connect.__file__).parents[2])})  # fmt: skip
    assert done.returncode == 0, done.stderr
    heavy = {"asyncio", "inspect", "dataclasses", "enum", "typing", "re", "json", "logging", "threading", "contextlib",
             "pydantic", "msgspec", "sqlite3", "functools", "traceback", "ctypes", "signal"}  # fmt: skip
    assert heavy.isdisjoint(done.stdout.split())
    assert "turnout" in done.stdout.split()
