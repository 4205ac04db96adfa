"""Flows as plain scripts: no server, a server on the same store, several at once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.repository import cluster, environment, log, python, show, told, turnout, write
from tests.faults.cluster import wait_until

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "field-plan"

PLAIN = """\
import csv
import io
import sys


def parse(text):
    return list(csv.DictReader(io.StringIO(text)))


def count(text, state="OH"):
    found = [row for row in parse(text) if row["state"] == state]
    print(f"{len(found)} in {state}", flush=True)
    return len(found)


if __name__ == "__main__":
    sample = "name,state\\nAda,OH\\nBo,PA\\n"
    total = count(sample, state=sys.argv[1])
    print("total", total)
"""
FLOW = PLAIN.replace("import sys\n", "import sys\n\nfrom turnout import flow\n").replace(
    "def count", "@flow\ndef count"
)
TEST = """\
from people import count, parse

SAMPLE = "name,state\\nAda,OH\\nBo,PA\\n"


def test_parse():
    assert parse(SAMPLE)[0] == {"name": "Ada", "state": "OH"}


def test_count():
    assert count.fn(SAMPLE) == 1
    assert count(SAMPLE, "PA") == 1
"""
MANIFEST = "project: people\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments: {}\n"


def test_example_load_runs_without_a_server_and_is_recorded(tmp_path: Path) -> None:
    example = tmp_path / "field-plan"
    shutil.copytree(EXAMPLE, example, ignore=shutil.ignore_patterns(".turnout", "__pycache__", ".pytest_cache"))
    done = python(example, "flows/load.py")
    assert done.returncode == 0, done.stderr
    listed = turnout(example, "runs", "ls").stdout
    assert "load-zip-codes" in listed
    assert "Completed" in listed
    shown = turnout(example, "runs", "show", "latest").stdout
    assert all(task in shown for task in ("read_zip_codes", "check_source", "write_zip_codes"))
    assert "not resumable: it is larger than" in shown
    assert "ZIP codes in 62 states and territories" in turnout(example, "runs", "logs", "latest").stdout


def test_one_import_and_one_decorator_make_a_script_a_flow(tmp_path: Path) -> None:
    assert len(FLOW.splitlines()) - len(PLAIN.splitlines()) == 3  # import, its blank line, decorator
    folder = write(tmp_path / "people", {"turnout.yaml": MANIFEST, "people.py": FLOW, "test_people.py": TEST})
    plain = folder / "plain.py"
    plain.write_text(PLAIN)
    before, after = python(folder, "plain.py", "OH"), python(folder, "people.py", "OH")
    assert (after.returncode, after.stdout) == (0, before.stdout)
    assert after.stderr == ""
    shown = show(folder)
    assert (shown["run"]["state"], shown["run"]["parameters"]["state"]) == ("completed", "OH")
    tested = python(folder, "-m", "pytest", "-q", "test_people.py")
    assert tested.returncode == 0, tested.stdout


def test_script_outside_of_any_project_is_recorded_for_its_user(tmp_path: Path) -> None:
    (tmp_path / "people.py").write_text(FLOW)
    home = {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "share")}
    assert python(tmp_path, "people.py", "OH", **home).returncode == 0
    runs = told(turnout(tmp_path, "runs", "ls", "--json", **home))
    assert [run["flow_name"] for run in runs] == ["count"]
    assert {path.name for path in tmp_path.iterdir()} <= {"people.py", "share", "home", "__pycache__"}


SLOW = """\
import sys

from turnout import flow, get_run_logger, task


@task
def double(number):
    return number * 2


@flow(log_prints=True)
def add(name: str) -> int:
    print(name, "began")
    total = sum(future.result() for future in double.map(range(50)))
    get_run_logger().info("%s ended", name)
    return total


add(sys.argv[1])
"""


@pytest.mark.parametrize("served", [False, True], ids=["no server", "a server holds the store"])
def test_two_scripts_at_once(tmp_path: Path, served: bool) -> None:
    folder = write(tmp_path / "people", {"turnout.yaml": MANIFEST, "add.py": SLOW})
    running = cluster(folder) if served else None
    try:
        started = [
            subprocess.Popen(
                [sys.executable, "add.py", name],
                cwd=folder,
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for name in ("ada", "bo")
        ]
        for process in started:
            _, said = process.communicate(timeout=30)
            assert process.returncode == 0, said

        def both() -> bool:
            runs = told(turnout(folder, "runs", "ls", "--json"))
            return [run["state"] for run in runs] == ["completed"] * 2

        wait_until(both, 10.0, "both runs to be recorded")
        runs = told(turnout(folder, "runs", "ls", "--json"))
        for run in runs:
            name = run["parameters"]["name"]
            assert [line["message"] for line in log(folder, run["id"])] == [f"{name} began", f"{name} ended"]
            assert len(show(folder, run["id"])["tasks"]) == 50
        assert not list((folder / ".turnout" / "spool").glob("*"))
    finally:
        if running is not None:
            running.stop()


def test_quickstart_once(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts" / "quickstart.py"
    summary = told(python(tmp_path, str(script), "--once", TMPDIR=str(tmp_path)))
    assert summary["ok"]
    assert set(summary["states"].values()) == {"completed"}
    assert summary["rows"]["zip_code"] > 40_000
    assert summary["files"] == ["field_plan.csv", "field_plan.png", "states.csv"]
    assert not list(tmp_path.iterdir())
