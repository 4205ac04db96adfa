"""A repository and the `turnout` command in it: in this process where that is enough, as a process where it is not."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MANIFEST = """\
project: shop
timezone: UTC
pools:
  default: {type: process}
deployments:
  load:
    flow: flows.py:load
    description: Loads the orders.
    schedule: "0 6 * * *"
  report:
    flow: flows.py:report
    after: [load]
"""
FLOWS = '''\
import os
import subprocess
import sys

from turnout import flow, task


@task
def double(number: int) -> int:
    return 2 * number


@flow(log_prints=True)
def load(rows: int = 3) -> int:
    print(f"{rows} rows")
    if rows < 0:
        raise ValueError("no such order")
    return double(rows)


@flow(log_prints=True)
def report(told: str = "") -> None:
    """Says that it runs, and stays until it is stopped, with a process of its own."""
    if told:
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        with open(told, "w") as file:
            file.write(f"{os.getpid()} {child.pid}\\n")
        child.wait()


if __name__ == "__main__":
    load()
'''
IDENTITY = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command did: exit code, results, talk."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The results, as JSON."""
        return json.loads(self.out)

    @property
    def golden(self) -> str:
        """Results with the names, ids and times that differ from run to run replaced."""
        text = re.sub(r"[a-z]+-[a-z]+-[0-9a-f]{4}", "NAME", self.out)
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
        text = re.sub(r"\b[0-9a-f]{8,}\b", "HEX", text)
        return re.sub(r" +", " ", re.sub(r"\b\d+\.\d\ds\b", "SPAN", text))


Turnout = Callable[..., Said]


def make(folder: Path) -> Path:
    """The repository, with one commit."""
    (folder / "turnout.yaml").write_text(MANIFEST)
    (folder / "flows.py").write_text(FLOWS)
    (folder / ".gitignore").write_text(".turnout/\n__pycache__/\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Open the shop"]):
        subprocess.run(["git", *IDENTITY, *words], cwd=folder, check=True)
    return folder


def environment() -> dict[str, str]:
    """The environment without anything of Turnout."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TURNOUT_")}


def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Turnout:
    """`turnout WORDS` in the current folder, called as its entry point is."""
    from turnout.cli.app import run

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["turnout", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            run()
        said = capsys.readouterr()
        code = left.value.code
        return Said(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)

    return call


def python(folder: Path, *words: str) -> Said:
    """`python WORDS` in `folder`; `flows.py` alone records a run of `load`."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment(), capture_output=True, text=True, timeout=30
    )
    return Said(code=done.returncode, out=done.stdout, err=done.stderr)
