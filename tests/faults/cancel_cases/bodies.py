"""Flows that are hard to stop, each deployed to be cancelled and to run out of time as a run, a flow and a task.

What a body does it says to the oracle, a file opened O_APPEND that no part of Turnout reads: `<run> <unix time> ready`,
`<run> <unix time> task`, `<run> <unix time> pid <pid>`.
"""

import subprocess
from pathlib import Path

BODIES = (
    "sleep", "cpu", "holds_gil", "native", "syscall", "ignores", "stubborn", "daemon", "threads", "tree",
    "asynchronous",
)  # fmt: skip
"""Functions of the project that never return by themselves."""
TIMEOUT_SECONDS = 1.0

FLOWS = '''\
import asyncio
import ctypes
import hashlib
import os
import signal
import subprocess
import time

from turnout import flow, runtime, task


def witness(text):
    """Append to the oracle."""
    handle = os.open(os.environ["ORACLE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, f"{runtime.flow_run.root_flow_run_id} {time.time():.3f} {text}\\n".encode())
    os.close(handle)


@task
def step(seconds=0.1):
    witness("task")
    time.sleep(seconds)


def sleep():
    witness("ready")
    time.sleep(600)


def cpu():
    witness("ready")
    while True:
        pass


def holds_gil():
    witness("ready")
    sum(range(10**13))


def native():
    witness("ready")
    hashlib.pbkdf2_hmac("sha256", b"word", b"salt", 2**31 - 1)  # lets go of the GIL, never looks at signals


def syscall():
    reader, _writer = os.pipe()
    room = ctypes.create_string_buffer(1)
    witness("ready")
    while True:  # holds the GIL in the kernel; a signal only ends one round
        ctypes.PyDLL(None).read(reader, room, 1)


def ignores():
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    witness("ready")
    while True:
        step()


def stubborn():
    witness("ready")
    while True:
        try:
            step()
            time.sleep(0.05)
        except BaseException:
            pass


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            witness(f"pid {os.getpid()}")
            while True:
                time.sleep(600)
        os._exit(0)
    os.wait()
    witness("ready")
    time.sleep(600)


def threads():
    waiting = [step.submit(0.2) for _ in range(3000)]
    witness("ready")
    for future in waiting:
        future.result()


def tree():
    process = subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600 & (setsid sleep 600 &); wait; sleep 600"])
    witness(f"pid {process.pid}")
    witness("ready")
    process.wait()


async def asynchronous():
    witness("ready")
    await asyncio.sleep(600)


@task(retries=3, retry_delay_seconds=600)
def failing():
    witness("ready")
    raise ValueError("as planned")


@flow
def waits_to_retry():
    failing()


@flow
def fails():
    witness("ready")
    raise ValueError("as planned")


@flow
def probe():
    witness("ready")


def in_a_task(body):
    """A flow whose only task is `body`, with a timeout."""
    timed = task(name="timed", timeout_seconds=1.0)(body)
    if asyncio.iscoroutinefunction(body):
        async def run():
            await timed()
    else:
        def run():
            timed()
    return run


for body in (sleep, cpu, holds_gil, native, syscall, ignores, stubborn, daemon, threads, tree, asynchronous):
    name = body.__name__
    globals()[f"{name}_task"] = flow(name=f"{name}-task")(in_a_task(body))
    globals()[f"{name}_flow"] = flow(name=f"{name}-flow", timeout_seconds=1.0)(body)
    globals()[name] = flow(name=name)(body)
'''

HEAD = """\
project: stops
timezone: UTC
pools:
  default: {type: process, concurrency: 40}
deployments:
"""


def make_project(folder: Path) -> Path:
    """A git repository with every body deployed as `<body>`, `<body>-run`, `<body>-flow`, `<body>-task`: without a
    timeout, and with one of a second for the run, in `@flow` and in `@task`."""
    folder.mkdir(parents=True)
    (folder / "flows.py").write_text(FLOWS)
    lines = []
    for body in BODIES:
        word = body.replace("_", "-")
        lines.append(f"  {word}: {{flow: 'flows.py:{body}'}}\n")
        lines.append(f"  {word}-run: {{flow: 'flows.py:{body}', timeout: 1s}}\n")
        lines += [f"  {word}-{kind}: {{flow: 'flows.py:{body}_{kind}'}}\n" for kind in ("flow", "task")]
    lines += [
        "  probe: {flow: 'flows.py:probe'}\n",
        "  single: {flow: 'flows.py:sleep', concurrency: {limit: 1}}\n",
        "  retry-task: {flow: 'flows.py:waits_to_retry'}\n",
        "  retry-run: {flow: 'flows.py:fails', retries: {count: 3, delay: 10m}}\n",
    ]
    (folder / "turnout.yaml").write_text(HEAD + "".join(lines))
    (folder / ".gitignore").write_text(".turnout/\n*.log\noracle*\n__pycache__/\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Add the bodies"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder
