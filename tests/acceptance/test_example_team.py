"""`examples/organising-team`: a team's whole repository, checked, tested and run as a newcomer would."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.repository import IDENTITY, cluster, python, told, turnout
from tests.faults.cluster import wait_until

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "organising-team"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A clone of the repository."""
    folder = tmp_path / "organising"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".turnout", "__pycache__", "*.duckdb"))
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*IDENTITY, "commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_it_checks_offline_and_its_tests_pass(team: Path) -> None:
    checked = turnout(team, "check", TURNOUT_SERVER="https://turnout.example.org")
    assert checked.returncode == 0, checked.stderr
    tested = python(team, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout
    assert "9 passed" in tested.stdout


def test_its_workflow_is_what_the_generator_writes(team: Path) -> None:
    written = turnout(team, "ci", "github", "--server", "https://turnout.example.org", "--stdout")
    assert written.stdout == (team / ".github" / "workflows" / "turnout.yml").read_text()


def test_its_flows_run_one_after_the_other(team: Path) -> None:
    running = cluster(team)
    try:
        running.start_worker()
        assert turnout(team, "apply", "--yes", VAN_API_KEY="not-a-key").returncode == 0
        assert turnout(team, "trigger", "load-replies").returncode == 0

        def states() -> dict[str, str]:
            return {run["deployment"]: run["state"] for run in told(turnout(team, "runs", "ls", "--json"))}

        wait_until(lambda: states().get("conversations") in ("completed", "failed"), 60.0, "the model after it")
        assert states()["conversations"] == "completed"
        assert turnout(team, "trigger", "weekly-report", "-p", "goal=10").returncode == 0
        wait_until(lambda: states().get("weekly-report") in ("completed", "failed"), 60.0, "the report")
        assert states()["weekly-report"] == "completed", turnout(team, "runs", "logs", "latest").stdout
    finally:
        running.stop()
    (written,) = [Path(folder, name) for folder, _, names in os.walk(team) for name in names if name == "weekly.csv"]
    with written.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["organiser"] for row in rows} == {"Ana", "Ben", "Chidi"}
    assert {row["reached"] for row in rows} <= {"True", "False"}
