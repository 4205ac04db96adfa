"""One manifest in two environments of one server: each has its own deployments, releases and runs."""

from pathlib import Path

from tests.acceptance.repository import cluster, log, told, turnout, write

MANIFEST = """\
project: field
timezone: UTC
variables: {batch: 500}
deployments:
  load: {flow: "flows.py:load", schedule: "0 6 * * *", parameters: {batch: "${var:batch}"}}
  report: {flow: "flows.py:load"}
environments:
  staging:
    pause_schedules: true
    variables: {batch: 5}
    deployments: {report: }
"""
FLOWS = """\
from turnout import flow


@flow(log_prints=True)
def load(batch: int = 0) -> None:
    print("batch is", batch)
"""


def test_each_has_its_own(tmp_path: Path) -> None:
    folder = write(tmp_path / "field", {"turnout.yaml": MANIFEST, "flows.py": FLOWS})
    running = cluster(folder)
    try:
        running.start_worker()
        assert turnout(folder, "apply", "--yes").returncode == 0
        planned = told(turnout(folder, "plan", "--env", "staging", "--json"))
        assert [item["name"] for item in planned["operations"] if item["kind"] == "deployment"] == ["load"]
        assert turnout(folder, "apply", "--yes", "--env", "staging").returncode == 0
        assert turnout(folder, "plan", "--env", "staging").returncode == 0
        assert turnout(folder, "plan").returncode == 0, "production is as it was"
        runs = {
            name: told(turnout(folder, "trigger", "load", "--wait", "--json", "--env", name))
            for name in ("production", "staging")
        }
        assert {name: run["environment"] for name, run in runs.items()} == {
            "production": "production",
            "staging": "staging",
        }
        for name, said in (("production", "batch is 500"), ("staging", "batch is 5")):
            assert said in [line["message"] for line in log(folder, runs[name]["id"])]
        missing = turnout(folder, "trigger", "report", "--env", "staging")
        assert missing.returncode == 1
        assert "there is no deployment 'report'" in missing.stderr
        due = {name: told(turnout(folder, "schedule", "preview", "--json", "--env", name))["due"] for name in runs}
        assert (len(due["production"]), due["staging"]) == (7, []), "staging starts nothing by itself"
        typo = turnout(folder, "plan", "--env", "stagin")
        assert (typo.returncode, "did you mean 'staging'?" in typo.stderr) == (1, True)
    finally:
        running.stop()
