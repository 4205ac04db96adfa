"""Followers beside each other, and what tells them that it is not the commit that is wrong."""

import os
import subprocess
import sys
from pathlib import Path

from tests.serving import Served, served

MANIFEST = "project: field\ndeployments:\n  load: {flow: 'load.py:load'}\n"
FLOW = "from turnout import flow\n\n\n@flow\ndef load() -> None:\n    pass\n"


def environ(folder: Path, **given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "GIT_"))}
    return kept | {"TURNOUT_DATA": str(folder), "GIT_CONFIG_GLOBAL": os.devnull} | given


def follower(server: Served, folder: Path) -> "subprocess.Popen[str]":
    """Of a repository that is not there, on a machine of its own."""
    command = [sys.executable, "-m", "turnout", "follow", str(folder / "nowhere.git")]
    told = environ(folder, TURNOUT_SERVER=server.url, TURNOUT_TOKEN=server.token(), TURNOUT_REPO_POLL_SECONDS="3600")
    return subprocess.Popen(command, cwd=folder, env=told, stderr=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    heard = []
    for line in process.stderr:
        heard.append(line)
        if words in line:
            return
    raise AssertionError("".join(heard))


def test_one_of_two_machines_follows(tmp_path: Path) -> None:
    for name in ("server", "a", "b"):
        (tmp_path / name).mkdir()
    with served(tmp_path / "server") as server:
        first = follower(server, tmp_path / "a")
        said(first, "no news of main")
        second = follower(server, tmp_path / "b")
        try:
            said(second, "another server follows")
        finally:
            for process in (first, second):
                process.kill()
                process.communicate()


def test_apply_tells_a_server_that_is_away_from_a_commit_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_text(MANIFEST)
    (tmp_path / "load.py").write_text(FLOW)
    told = environ(tmp_path / "data", TURNOUT_SERVER="http://127.0.0.1:9", TURNOUT_TOKEN="tn_admin_" + "x" * 43)

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True)

    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for arguments in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "First")):
        assert run("git", *arguments).returncode == 0
    away = run(sys.executable, "-m", "turnout", "apply", "--yes")
    assert away.returncode == 75, away.stderr
    assert "no server answered" in away.stderr
    (tmp_path / "load.py").write_text("this is no Python\n")
    assert run(sys.executable, "-m", "turnout", "apply", "--yes").returncode == 1
