"""A server that follows a branch: after each push it equals the commit, and nobody typed a command."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.cluster import wait_until

PATIENCE_SECONDS = 60.0
SECRET = "between the two of us"
MANIFEST = """\
project: field
timezone: America/Chicago
deployments:
  load: {flow: "flows/load.py:load", schedule: "0 6 * * *"}
"""
REPORT = '  report: {flow: "flows/report.py:report", schedule: "0 7 * * *"}\n'
FLOW = "from turnout import flow\n\n\n@flow\ndef {name}() -> None:\n    print('{name}')\n"


class Followed:
    """A bare repository, somebody's clone of it, and a server that follows it."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder = folder
        self.bare = folder / "field.git"
        self.work = folder / "work"
        names = ("TURNOUT_", "GIT_")
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        self.environ |= {
            "TURNOUT_DATA": str(folder / "server"),
            "TURNOUT_REPO_POLL_SECONDS": "0.3",
            "TURNOUT_WEBHOOK_SECRET": SECRET,
            "TURNOUT_HOST": "127.0.0.1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **({"TURNOUT_DATABASE": database} if database else {}),
        }
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare), at=folder)
        self.git("clone", "-q", str(self.bare), str(self.work), at=folder)
        for key, value in (("user.name", "Ada"), ("user.email", "ada@example.org"), ("commit.gpgsign", "false")):
            self.git("config", key, value)
        self.git("checkout", "-q", "-b", "main")
        self.said = (folder / "server.log").open("w")
        self.server = self.start()

    def start(self, *, poll: str | None = None) -> "subprocess.Popen[bytes]":
        environ = self.environ | ({"TURNOUT_REPO_POLL_SECONDS": poll} if poll else {})
        command = [sys.executable, "-m", "turnout", "server", "--port", "0", "--repo", str(self.bare)]
        server = subprocess.Popen(command, cwd=self.folder, env=environ, stdout=self.said, stderr=self.said)
        mark = self.folder / "server" / "server.json"
        wait_until(lambda: mark.exists() and json.loads(mark.read_text())["pid"] == server.pid, 30.0, "the server")
        return server

    def git(self, *arguments: str, at: Path | None = None) -> str:
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=at or self.work, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def push(self, message: str, **files: str | None) -> str:
        """Commit these files (None: gone; `__` in a name is a slash) and push; the SHA."""
        for name, content in files.items():
            path = self.work / (name.replace("__", "/") + (".yaml" if name == "turnout" else ".py"))
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_text(content)
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)
        self.git("push", "-q", "--force", "origin", "main")
        return self.git("rev-parse", "HEAD")

    def turnout(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "turnout", *arguments]
        return subprocess.run(command, cwd=self.work, env=self.environ, capture_output=True, text=True, timeout=60)

    def report(self) -> dict[str, Any]:
        done = self.turnout("follow", "--status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["report"] or {}

    def until(self, state: str, commit: str | None) -> dict[str, Any]:
        """The follower's report once it has this commit in this state."""
        found: dict[str, Any] = {}

        def arrived() -> bool:
            found.update(self.report())
            return (found.get("state"), found.get("commit")) == (state, commit)

        wait_until(arrived, PATIENCE_SECONDS, f"{state} of {commit}")
        return found

    def equals(self, commit: str) -> bool:
        """Whether a plan of this commit's files has nothing to do."""
        here = self.folder / f"plan-{commit}"
        if not here.exists():
            self.git("worktree", "add", "-q", "--detach", str(here), commit)
        command = [sys.executable, "-m", "turnout", "plan", "--json"]
        done = subprocess.run(command, cwd=here, env=self.environ, capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 2), done.stderr
        return done.returncode == 0

    def runs(self) -> list[dict[str, Any]]:
        found = json.loads(self.turnout("runs", "ls", "--json").stdout)
        return list(found)

    def end(self) -> None:
        self.server.send_signal(signal.SIGINT)
        try:
            self.server.wait(PATIENCE_SECONDS)
        finally:
            self.server.kill()
            self.server.wait()
            self.said.close()


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    found = Followed(tmp_path)
    yield found
    found.end()


@pytest.fixture(params=["sqlite", "postgresql"])
def followed_on_each(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Followed]:
    """The same over both databases."""
    found = Followed(tmp_path, request.getfixturevalue("postgres_url") if request.param == "postgresql" else None)
    assert (tmp_path / "server" / "turnout.db").exists() is (request.param == "sqlite")
    yield found
    found.end()


def test_five_pushes(followed_on_each: Followed) -> None:
    followed = followed_on_each
    first = followed.push("Load every morning", turnout=MANIFEST, flows__load=FLOW.format(name="load"))
    assert followed.until("applied", first)["release"] == 1

    new = followed.push("Report, too", turnout=MANIFEST + REPORT, flows__report=FLOW.format(name="report"))
    report = followed.until("applied", new)
    assert (report["release"], report["author"], report["message"]) == (2, "Ada <ada@example.org>", "Report, too")
    assert followed.equals(new)

    later = MANIFEST.replace("0 6", "30 6") + REPORT
    changed = followed.push("Load half an hour later", turnout=later)
    followed.until("applied", changed)
    assert followed.equals(changed)
    assert ":30" in json.loads(followed.turnout("deployments", "show", "load", "--json").stdout)["next_runs"][0]

    assert followed.turnout("trigger", "report").returncode == 0  # nobody works: it waits
    removed = followed.push("No report", turnout=later.replace(REPORT, ""), flows__report=None)
    followed.until("applied", removed)
    assert followed.equals(removed)
    (pending,) = [run for run in followed.runs() if run["deployment"] == "report"]
    assert pending["state"] == "skipped"
    assert pending["reason"] == "release 4 removed deployment 'report'"

    broken = followed.push("Break it", flows__load="from turnout import flow\n\nthis is no Python\n")
    refused = followed.until("refused", broken)
    assert refused["release"] == 4
    assert "flows/load.py:3" in refused["problems"][0]
    assert str(followed.folder) not in refused["problems"][0]
    assert followed.equals(removed), "the last good release goes on"

    followed.git("revert", "--no-edit", broken)
    followed.git("revert", "--no-edit", removed)
    followed.git("push", "-q", "origin", "main")
    back = followed.git("rev-parse", "HEAD")
    followed.until("applied", back)
    assert followed.equals(changed), "as it was before the removal"
    releases = json.loads(followed.turnout("releases", "--json").stdout)
    assert [release["commit"] for release in releases] == [back, removed, changed, new, first]


def test_rewritten_emptied_and_gone(followed: Followed) -> None:
    wait_until(lambda: followed.report().get("state") == "unreachable", PATIENCE_SECONDS, "word of no commits")
    assert "has no commits yet" in followed.report()["problems"][0]
    first = followed.push("One", turnout=MANIFEST, flows__load=FLOW.format(name="load"))
    followed.until("applied", first)
    followed.git("commit", "-q", "--amend", "-m", "Another history")
    followed.git("push", "-q", "--force", "origin", "main")
    rewritten = followed.git("rev-parse", "HEAD")
    followed.until("applied", rewritten)

    bare = followed.push("No manifest any more", turnout=None)
    assert "has no turnout.yaml" in followed.until("refused", bare)["problems"][0]

    followed.git("push", "-q", "origin", "HEAD:refs/heads/other")
    followed.git("symbolic-ref", "HEAD", "refs/heads/other", at=followed.bare)
    followed.git("push", "-q", "origin", ":main")
    wait_until(lambda: followed.report()["state"] == "unreachable", PATIENCE_SECONDS, "word of the missing branch")
    assert "no branch 'main'" in followed.report()["problems"][0]
    assert "there are: other" in followed.report()["problems"][0]
    (followed.work / "turnout.yaml").write_text(MANIFEST)  # names the project that is asked about
    deployed = json.loads(followed.turnout("deployments", "ls", "--json").stdout)
    assert [each["name"] for each in deployed] == ["load"], "what ran goes on"


def test_a_webhook_tells_at_once_and_kills_lose_nothing(followed: Followed) -> None:
    followed.end()
    followed.said = (followed.folder / "server.log").open("a")
    followed.server = followed.start(poll="3600")
    url = json.loads((followed.folder / "server" / "server.json").read_text())["url"]
    wait_until(lambda: bool(followed.report()), PATIENCE_SECONDS, "the first look")
    body = b'{"ref": "refs/heads/main"}'

    def told(delivery: str, signature: str) -> httpx.Response:
        headers = {"X-Hub-Signature-256": signature, "X-GitHub-Delivery": delivery}
        return httpx.post(f"{url}/api/v1/source/webhook", content=body, headers=headers, trust_env=False)

    right = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    commit = followed.push("One", turnout=MANIFEST, flows__load=FLOW.format(name="load"))
    assert told("1", "sha256=" + "0" * 64).status_code == 401
    assert told("1", right).json() == {"asked": True}
    assert told("1", right).json() == {"asked": False}
    followed.until("applied", commit)

    (follower,) = pids_of("turnout follow", parent=followed.server.pid)
    os.kill(follower, signal.SIGKILL)
    second = followed.push("Two", turnout=MANIFEST.replace("0 6", "0 5"))
    followed.until("applied", second)
    assert followed.equals(second)

    (follower,) = pids_of("turnout follow", parent=followed.server.pid)
    followed.server.kill()
    followed.server.wait()
    wait_until(lambda: not Path(f"/proc/{follower}").exists(), PATIENCE_SECONDS, "the end of the follower")
    followed.server = followed.start()
    third = followed.push("Three", turnout=MANIFEST)
    assert followed.until("applied", third)["release"] == 3


def pids_of(command: str, *, parent: int) -> list[int]:
    """Processes of a parent whose command line holds these words."""
    found: list[int] = []

    def there() -> bool:
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        threads = Path(f"/proc/{parent}/task").iterdir()
        listed += [pid for thread in threads for pid in (thread / "children").read_text().split()]
        found[:] = [
            int(pid)
            for pid in set(listed)
            if command in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        ]
        return bool(found)

    wait_until(there, PATIENCE_SECONDS, command)
    return found
