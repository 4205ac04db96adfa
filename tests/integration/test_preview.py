"""`turnout preview` by hand."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.serving import served
from turnout.core.records import Namespace

MANIFEST = """\
project: field
timezone: America/Chicago
secrets: {van: {fields: [api_key]}}
deployments:
  load: {flow: "load.py:load", schedule: "0 6 * * *", secrets: [van]}
"""
FLOW = "from turnout import flow\n\n\n@flow\ndef load() -> None:\n    pass\n"


def test_it_comes_and_goes_beside_production(tmp_path: Path) -> None:
    for name in ("server", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "work" / "turnout.yaml").write_text(MANIFEST)
    (tmp_path / "work" / "load.py").write_text(FLOW)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "GIT_"))}
    environ = kept | {"TURNOUT_DATA": str(tmp_path / "server"), "GIT_CONFIG_GLOBAL": os.devnull}

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=tmp_path / "work", env=environ, capture_output=True, text=True)

    def turnout(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return run(sys.executable, "-m", "turnout", *arguments)

    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for git in (("init", "-q", "-b", "feature/turf"), ("add", "."), (*who, "commit", "-q", "-m", "First")):
        assert run("git", *git).returncode == 0
    with served(tmp_path / "server") as server, server.admin() as api:
        assert turnout("preview", "--remove").returncode == 1
        made = turnout("preview", "--json")
        assert made.returncode == 0, made.stderr
        answer = json.loads(made.stdout)
        assert answer["environment"].startswith("preview-feature-turf-")
        namespace = Namespace(project="field", environment=answer["environment"])
        (shown,) = api.deployments()
        assert (shown.name, shown.environment, shown.next_runs) == ("load", namespace.environment, ())
        assert api.snapshot(Namespace(project="field")) is None, "production is not touched"

        run("git", "checkout", "-q", "--detach")
        assert "no branch is checked out" in turnout("preview").stderr
        gone = turnout("preview", "--remove", "--branch", "feature/turf")
        assert gone.returncode == 0, gone.stderr
        assert api.deployments() == []
        again = turnout("preview", "--remove", "--branch", "feature/turf")
        assert (again.returncode, "there is no preview" in again.stderr) == (1, True)
