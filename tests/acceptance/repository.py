"""A git repository that a test writes, and the `turnout` command in it, as a person would type it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.cluster import Cluster

Done = subprocess.CompletedProcess[str]
IDENTITY = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """A git repository in `folder` with `files`, committed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {".gitignore": ".turnout/\n*.log\n__pycache__/\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*IDENTITY, "commit", "-q", "-m", "Write it"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def environment(**more: str) -> dict[str, str]:
    """The environment of a person who knows nothing of this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "PYTEST"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}", "COLUMNS": "200", **more}


def python(folder: Path, *arguments: str, seconds: float = 60, **environ: str) -> Done:
    """`python ARGUMENTS` in `folder`, for at most so many seconds."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def turnout(folder: Path, *arguments: str, **environ: str) -> Done:
    """`turnout ARGUMENTS` in `folder`."""
    return python(folder, "-m", "turnout", *arguments, **environ)


def told(done: Done) -> Any:
    """What a command that was asked for JSON answered."""
    assert done.returncode in (0, 2), done.stderr
    return json.loads(done.stdout)


def show(folder: Path, run: str = "latest") -> Any:
    """`turnout runs show --json`."""
    return told(turnout(folder, "runs", "show", run, "--json"))


def log(folder: Path, run: str = "latest") -> list[dict[str, Any]]:
    """`turnout runs logs --json`, line by line."""
    done = turnout(folder, "runs", "logs", run, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def cluster(folder: Path, **environ: str) -> Cluster:
    """A server on the repository in `folder`, answering; no worker and nothing applied yet."""
    made = Cluster(folder, environment(**environ))
    made.start_server()
    try:
        made.wait_ready()
    except BaseException:
        made.stop()
        raise
    return made
