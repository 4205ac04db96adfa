"""A branch beside production: what its runs can read, and that it goes with the branch."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cluster import wait_until

PATIENCE_SECONDS = 90.0
MANIFEST = """\
project: field
timezone: America/Chicago
secrets: {van: {fields: [api_key]}}
deployments:
  peek: {flow: "flows.py:peek", secrets: [van], schedule: "0 6 * * *"}
"""
FLOW = """\
import os
from turnout import flow, secret


@flow
def peek() -> None:
    found = {"environ": os.environ.get("VAN_API_KEY"), "named": secret("van").api_key}
    print("seen", found)
"""


class Team:
    """A server with a worker, a bare repository, and somebody's clone of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bare, self.work = folder, folder / "field.git", folder / "work"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "GIT_"))}
        self.environ = kept | {
            "TURNOUT_DATA": str(folder / "server"),
            "TURNOUT_REPO_POLL_SECONDS": "0.3",
            "TURNOUT_REPO_PREVIEWS": "true",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare), at=folder)
        self.git("init", "-q", "-b", "main", str(self.work), at=folder)
        self.git("remote", "add", "origin", str(self.bare))
        self.push("main", manifest=MANIFEST, flow=FLOW)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start("server", "--port", "0", "--repo", str(self.bare))
        wait_until((folder / "server" / "server.json").exists, PATIENCE_SECONDS, "the server")

    def start(self, *arguments: str, **given: str) -> None:
        with (self.folder / f"{arguments[0]}.log").open("w") as log:
            command = [sys.executable, "-m", "turnout", *arguments]
            self.processes.append(
                subprocess.Popen(command, cwd=self.work, env=self.environ | given, stdout=log, stderr=log)
            )

    def stand_in_for_git(self) -> Path:
        """A folder of a `git` that only notes that it was called, and the note."""
        folder = self.folder / "no-git"
        folder.mkdir()
        (folder / "git").write_text(f"#!/bin/sh\necho $@ >> {folder}/called\nexit 1\n")
        (folder / "git").chmod(0o755)
        return folder / "called"

    def git(self, *arguments: str, at: Path | None = None) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=at or self.work, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def push(self, branch: str, *, manifest: str, flow: str) -> str:
        (self.work / "turnout.yaml").write_text(manifest)
        (self.work / "flows.py").write_text(flow)
        self.git("add", ".")
        self.git("commit", "-q", "-m", f"On {branch}")
        self.git("push", "-q", "origin", f"HEAD:{branch}")
        return self.git("rev-parse", "HEAD")

    def turnout(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "turnout", *arguments],
            cwd=self.work, env=self.environ, capture_output=True, text=True, input=stdin, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def api(self, path: str, body: Any = None) -> Any:
        import httpx

        url = json.loads((self.folder / "server" / "server.json").read_text())["url"]
        headers = {"Authorization": f"Bearer {(self.folder / 'server' / 'admin.token').read_text().strip()}"}
        with httpx.Client(base_url=f"{url}/api/v1", headers=headers, trust_env=False) as http:
            answer = http.get(path) if body is None else http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def deployments(self) -> dict[str, Any]:
        """environment -> the deployment `peek` there."""
        return {item["environment"]: item for item in self.api("/deployments")}

    def outcome(self, environment: str) -> tuple[dict[str, Any], str]:
        """A run of `peek` that is over, and its log."""
        made = self.api(f"/deployments/peek/runs?project=field&environment={environment}", {})
        run: dict[str, Any] = {}

        def over() -> bool:
            run.update(self.api(f"/runs/{made['id']}"))
            return run["state"] in ("completed", "failed", "crashed", "cancelled", "skipped")

        wait_until(over, PATIENCE_SECONDS, "the run's end")
        return run, self.turnout("runs", "logs", made["id"])

    def end(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE_SECONDS)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    found = Team(tmp_path)
    yield found
    found.end()


def test_a_branch_has_a_preview_without_production_s_secrets(team: Team) -> None:
    wait_until(lambda: "production" in team.deployments(), PATIENCE_SECONDS, "production")
    team.turnout("secret", "set", "van.api_key", stdin="of-production")
    asked = team.stand_in_for_git()
    team.start("worker", PATH=f"{asked.parent}:{os.environ['PATH']}")
    leak = FLOW.replace('secret("van").api_key', "_named()") + (
        "\n\ndef _named() -> str:\n    try:\n        return secret('van').api_key\n"
        "    except Exception as error:\n        return type(error).__name__\n"
    )
    team.push("new-report", manifest=MANIFEST, flow=leak)
    wait_until(lambda: "preview-new-report" in team.deployments(), PATIENCE_SECONDS, "the preview")
    assert team.deployments()["preview-new-report"]["next_runs"] == []
    assert team.deployments()["production"]["next_runs"] != []

    run, _ = team.outcome("production")
    assert run["state"] == "completed"
    run, said = team.outcome("preview-new-report")
    assert run["state"] == "failed"
    assert "no value for the secret van.api_key in previews" in run["reason"]
    assert "of-production" not in said

    team.push("new-report", manifest=MANIFEST.replace("secrets: [van], ", ""), flow=leak)
    wait_until(
        lambda: len(team.api("/releases?project=field&environment=preview-new-report")) == 2, PATIENCE_SECONDS, ""
    )
    run, said = team.outcome("preview-new-report")
    assert run["state"] == "completed", run["reason"]
    assert "'environ': None" in said
    assert "'named': '" in said
    assert "production" not in said, "a flow that asks by itself finds nothing either"

    team.turnout("secret", "set", "--preview", "van.api_key", stdin="of-previews")
    team.push("new-report", manifest=MANIFEST, flow=leak.replace('print("seen", found)', "print(len(found['named']))"))
    wait_until(
        lambda: len(team.api("/releases?project=field&environment=preview-new-report")) == 3, PATIENCE_SECONDS, ""
    )
    run, said = team.outcome("preview-new-report")
    assert run["state"] == "completed", run["reason"]
    assert str(len("of-previews")) in said

    assert not asked.exists(), "a worker needs no git: it fetches bundles"

    team.git("push", "-q", "origin", ":new-report")
    wait_until(lambda: list(team.deployments()) == ["production"], PATIENCE_SECONDS, "the preview's end")


def test_a_broken_branch_touches_nothing(team: Team) -> None:
    wait_until(lambda: "production" in team.deployments(), PATIENCE_SECONDS, "production")
    first = team.api("/releases?project=field")
    team.push("broken", manifest=MANIFEST, flow="this is no Python\n")
    said = team.folder / "server.log"
    wait_until(lambda: "the preview of 'broken' stays as it is" in said.read_text(), PATIENCE_SECONDS, "the refusal")
    assert "flows.py:1" in said.read_text()
    assert list(team.deployments()) == ["production"]
    assert team.api("/releases?project=field") == first
