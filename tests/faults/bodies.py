"""The project whose flows are killed: a CPU loop, 12 tasks with side effects, 10,000 logged lines.

Each flow writes what really happened to an oracle: a file opened O_APPEND, which no part of Turnout reads.
"""

import subprocess
from pathlib import Path

FLOWS = '''\
import os
import time

from turnout import flow, get_run_logger, runtime, task


def witness(text):
    """Append to the oracle, on the disk before it returns."""
    handle = os.open(os.environ["ORACLE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, f"{runtime.flow_run.id} {text}\\n".encode())
    os.fsync(handle)
    os.close(handle)


@task
def step(number):
    witness(f"step {number} {runtime.flow_run.attempt}")
    time.sleep(0.15)
    return number


@flow
def steps():
    total = sum(step(number) for number in range(12))
    witness("done")
    return total


@flow
def lines():
    logger = get_run_logger()
    handle = os.open(os.environ["ORACLE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    attempt = runtime.flow_run.attempt
    for number in range(10_000):
        logger.info("line %s", number)
        os.write(handle, f"{runtime.flow_run.id} line {attempt} {number}\\n".encode())
        if number % 100 == 99:
            time.sleep(0.015)


@flow
def burn():
    end = time.monotonic() + 2.0
    count = 0
    while time.monotonic() < end:
        count += 1
    return count
'''

MANIFEST = """\
project: kills
timezone: UTC
pools:
  default: {type: process, concurrency: 10}
deployments:
  later: {flow: 'flows.py:burn'}
"""


def make_project(folder: Path) -> Path:
    """A git repository with the three flows, each deployed once with `on_crash: stop` and once with `resume`, and a
    deployment `later` whose runs are not to become due."""
    folder.mkdir(parents=True)
    (folder / "flows.py").write_text(FLOWS)
    entries = [
        f"  {flow}-{policy}: {{flow: 'flows.py:{flow}', on_crash: {policy}}}\n"
        for flow in ("steps", "lines", "burn")
        for policy in ("stop", "resume")
    ]
    (folder / "turnout.yaml").write_text(MANIFEST + "".join(entries))
    (folder / ".gitignore").write_text(".turnout/\n*.log\noracle*\n__pycache__/\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Add the bodies"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


MIX = ("steps-stop", "steps-resume", "lines-stop", "lines-resume", "burn-resume")
"""The five runs that are under way at every kill."""
