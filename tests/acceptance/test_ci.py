"""The generated workflow and script, checked by the tools of the trade, and executed against a real server.

`act` executes the workflow on this machine; GitHub's issuer of identity tokens and its `gh` are stand-ins.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.github import Issuer, issuer
from tests.serving import Served, served
from turnout.core.records import Namespace, Page
from turnout.deploy.ci.github import workflow
from turnout.deploy.ci.shell import script
from turnout.deploy.manifest import load_manifest
from turnout.deploy.scaffold import create

BIN = Path(sys.executable).parent
INSTALL = f'mkdir -p "$(dirname "$VENV")" && ln -sfn {BIN.parent} "$VENV"'
"""The packages under test in place of those that an index has."""
PROJECT = Namespace(project="field-data")
TRUST = "access: {deploy: {github: {repository_id: 42, workflow: .github/workflows/turnout.yml}}}\n"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass(frozen=True)
class Repository:
    folder: Path
    home: Path
    server: Served
    github: Issuer

    def commit(self, message: str) -> str:
        git(self.folder, "add", ".")
        git(self.folder, "commit", "-q", "-m", message)
        return git(self.folder, "rev-parse", "HEAD")

    def act(self, event: str, job: str, payload: dict[str, object] | None = None) -> subprocess.CompletedProcess[str]:
        """One job of the workflow, with what a runner of GitHub has in its environment."""
        (self.home / "event.json").write_text(json.dumps(payload or {}))
        environ = self.github.environ() | {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        given = [word for name, value in environ.items() for word in ("--env", f"{name}={value}")]
        path = f"{self.home}:{os.environ['PATH']}"
        return subprocess.run(
            [BIN / "act", event, "--job", job, "-P", "ubuntu-latest=-self-hosted", "--pull=false", *given,
             "--env", f"PATH={path}", "--eventpath", self.home / "event.json"],
            cwd=self.folder, capture_output=True, text=True, check=False, timeout=110,
            env={"PATH": path, "HOME": str(self.home), "XDG_CACHE_HOME": str(self.home / "cache")},
        )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    folder, home = tmp_path / "field-data", tmp_path / "home"
    home.mkdir()
    create(folder, "field-data")
    manifest = folder / "turnout.yaml"
    manifest.write_text(manifest.read_text() + TRUST)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://github.com/org/data.git")
    with issuer() as github, served(tmp_path / "server", oidc_issuer=github.url) as server:
        made = workflow(folder, server=server.url, install=[INSTALL])
        (folder / ".github/workflows").mkdir(parents=True)
        (folder / ".github/workflows/turnout.yml").write_text(made)
        found = Repository(folder, home, server, github)
        found.commit("Begin")
        environ = {**os.environ, "TURNOUT_SERVER": server.url, "TURNOUT_TOKEN": server.token()}
        subprocess.run([BIN / "turnout", "apply", "--yes"], cwd=folder, env=environ, check=True, capture_output=True)
        yield found


@pytest.mark.parametrize("options", [{}, {"branch": "live", "environment": "production"}])
def test_the_linters_find_nothing(tmp_path: Path, options: dict[str, str]) -> None:
    create(tmp_path, "field-data")
    path = tmp_path / "turnout.yml"
    path.write_text(workflow(tmp_path, server="https://turnout.example.org", **options))
    for command in ([BIN / "actionlint", path], [BIN / "zizmor", "--offline", "--no-progress", path]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_push_is_checked_tested_and_applied_without_a_stored_key(repository: Repository) -> None:
    manifest = repository.folder / "turnout.yaml"
    manifest.write_text(manifest.read_text().replace("minimum: 1 ", "minimum: 2 "))
    commit = repository.commit("Leave out more")
    done = repository.act("push", "apply")  # with the job that it needs
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "Test" in done.stdout
    with repository.server.admin() as api:
        newest = api.releases(PROJECT, Page(limit=1))[0]
        deployed = api.snapshot(PROJECT)
    assert (newest.number, newest.commit, newest.applied_by) == (2, commit, "deploy:github:org/data@refs/heads/main")
    assert deployed is not None
    assert deployed[1].variables["minimum"] == 2


@pytest.mark.slow
def test_a_pull_request_gets_its_plan_as_a_comment(repository: Repository) -> None:
    gh = repository.home / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >{repository.home}/asked\ncp plan.md {repository.home}/comment\n')
    gh.chmod(0o755)
    repository.github.claims |= {"event_name": "pull_request", "ref": "refs/pull/7/merge"}
    manifest = repository.folder / "turnout.yaml"
    manifest.write_text(manifest.read_text().replace("minimum: 1 ", "minimum: 3 "))
    repository.commit("Leave out even more")
    pull = {"number": 7, "html_url": "https://github.com/org/data/pull/7", "head": {"repo": {"full_name": "org/data"}}}
    done = repository.act("pull_request", "plan", {"pull_request": pull})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "minimum" in (repository.home / "comment").read_text()
    assert "https://github.com/org/data/pull/7" in (repository.home / "asked").read_text()
    with repository.server.admin() as api:
        assert api.releases(PROJECT, Page(limit=5))[0].number == 1


@pytest.mark.slow
def test_a_broken_commit_changes_nothing(repository: Repository) -> None:
    (repository.folder / "flows/sign_ups.py").write_text("def broken(:\n")
    repository.commit("Break it")
    done = repository.act("push", "apply")
    assert done.returncode != 0
    with repository.server.admin() as api:
        assert api.releases(PROJECT, Page(limit=5))[0].number == 1


def test_the_script_does_the_same_elsewhere(repository: Repository) -> None:
    text = script(repository.folder)
    lines = [line for line in text.splitlines() if "pip" not in line and "-m venv" not in line]
    path = repository.folder / "ci/turnout.sh"
    path.parent.mkdir()
    path.write_text("\n".join(lines) + "\n")
    commit = repository.commit("Build elsewhere")
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(repository.home), "VENV": str(BIN.parent),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "TURNOUT_SERVER": repository.server.url, "TURNOUT_TOKEN": repository.server.token(),
    }  # fmt: skip
    shell = shutil.which("dash") or "/bin/sh"
    for what in ("check", "plan", "apply"):
        done = subprocess.run([shell, path, what], env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    with repository.server.admin() as api:
        assert api.releases(PROJECT, Page(limit=1))[0].commit == commit
    assert subprocess.run([shell, path, "destroy"], env=environ, capture_output=True, check=False).returncode == 64


def test_the_manifest_of_the_repository_trusts_it(repository: Repository) -> None:
    trusted = load_manifest(repository.folder).snapshot.deploy_github
    assert trusted is not None
    assert trusted.repository_id == 42
