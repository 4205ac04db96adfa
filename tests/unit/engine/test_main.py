import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from turnout.testing import RecordedRun

RUN = "0189" + "0" * 28


class Attempt:
    """An attempt of a run, as a worker would start it."""

    def __init__(self, folder: Path, source: str, entrypoint: str = "flows/it.py:main") -> None:
        self.folder = folder
        self.entrypoint = entrypoint
        (folder / "bundle" / "flows").mkdir(parents=True)
        (folder / "spool").mkdir()
        (folder / "bundle" / "flows" / "it.py").write_text(source)
        (folder / "bundle" / "shared.py").write_text("VALUE = 41\n")

    def start(self, attempt: int = 1, policy: dict[str, Any] | None = None, **job: Any) -> subprocess.Popen[str]:
        run = {
            "id": RUN, "attempt": attempt, "name": "brisk-heron", "trigger": "manual", "flow_name": "main",
            "parameters": {}, "tags": ["van"], "project": "field", "deployment": "nightly",
            "spec": {"entrypoint": self.entrypoint, "policy": policy or {}},
        }  # fmt: skip
        order = {
            "run": run, "parameters": {}, "variables": {"size": 12}, "data_dir": str(self.folder), "resume": False,
            "bundle_dir": str(self.folder / "bundle"), "spool": str(self.folder / "spool"), "control_fd": None,
            "checkpoints": None, "mask": [], "env": {"VAN_API_KEY": "k3y"}, **job,
        }  # fmt: skip
        file = self.folder / f"job.{attempt}"
        file.write_text(json.dumps(order))
        fd = (job["control_fd"],) if job.get("control_fd") else ()
        return subprocess.Popen(
            [sys.executable, "-m", "turnout.engine", file],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=fd,
        )  # fmt: skip

    def finish(self, attempt: int = 1, **job: Any) -> tuple[int, RecordedRun, str]:
        process = self.start(attempt, **job)
        out, err = process.communicate(timeout=60)
        assert not err or "Traceback" not in err, err
        return process.returncode, self.record(attempt), out

    def record(self, attempt: int = 1) -> RecordedRun:
        text = (self.folder / "spool" / f"{RUN}.{attempt}.0").read_text()
        return RecordedRun(text.split("\n")[:-1])


GOOD = """
import os
from turnout import flow, task, get_run_logger, runtime, Variable, secret
from shared import VALUE

@task
def add(x): return x + VALUE

@flow(log_prints=True)
def main(x: int = 1):
    print("in", os.path.basename(os.getcwd()), Variable.get("size"), Variable.get("none", 0))
    get_run_logger().info("key %s %s", secret("van").api_key, secret("van"))
    print(runtime.deployment.name, runtime.flow_run.tags, runtime.flow_run.name)
    return add(x)
"""


def test_a_good_run(tmp_path: Path) -> None:
    code, record, out = Attempt(tmp_path, GOOD).finish(parameters={"x": "2"}, mask=["k3y"])
    assert (code, out) == (0, "")
    assert record.state == "completed"
    assert record.facts["result"] == {"inline": 43}
    assert record.header["trigger"] == "manual"
    assert record.messages == [
        "in bundle 12 0", "key ******** secret('van')", "nightly ['van'] brisk-heron",
    ]  # fmt: skip
    assert record.ended


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import no_such_module", "ModuleNotFoundError"),
        ("def main(:", "SyntaxError"),
        ("raise SystemExit(2)", "SystemExit"),
        ("from turnout import flow\ndef main(): ...", "DiscoveryError: 'main' in flows/it.py is not a flow"),
        ("from turnout import flow\n@flow\ndef main(x: int): ...", "ParameterError: main() needs 'x'"),
    ],
)
def test_what_cannot_start_is_a_failed_run_that_says_why(tmp_path: Path, source: str, told: str) -> None:
    code, record, _ = Attempt(tmp_path, source).finish()
    assert (code, record.state) == (1, "failed")
    assert (record.reason or "").startswith(told)
    assert "engine" not in record.facts["error"]["traceback"]
    assert record.ended


def test_a_failing_flow_shows_the_users_frames(tmp_path: Path) -> None:
    source = "from turnout import flow, task\n@task\ndef t(): raise ValueError('x')\n@flow\ndef main(): t()\n"
    code, record, _ = Attempt(tmp_path, source).finish()
    assert code == 1
    traceback = record.facts["error"]["traceback"]
    assert "turnout/engine" not in traceback
    assert traceback.index("in main") < traceback.index("in t\n")


WAITING = """
import os, time, asyncio
from turnout import flow, task
@task
def child():
    os.write(1, b"ready\\n")
    time.sleep(60)
@task
async def achild():
    os.write(1, b"ready\\n")
    await asyncio.sleep(60)
def hook(flow, run, state): os.write(1, b"hook " + state.reason.encode() + b"\\n")
@flow(on_cancellation=[hook])
def direct():
    try: child()
    except Exception: pass
@flow(on_cancellation=[hook])
def submitted(): child.submit().result()
@flow(on_cancellation=[hook])
async def coroutine(): await achild()
@flow(on_cancellation=[hook])
def background(): achild.submit().result()
"""


@pytest.mark.parametrize("flow", ["direct", "coroutine", "background"])
def test_sigterm_cancels(tmp_path: Path, flow: str) -> None:
    attempt = Attempt(tmp_path, WAITING, f"flows/it.py:{flow}")
    process = attempt.start()
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert out == "hook cancelled on request\n"
    record = attempt.record()
    assert record.state == "cancelled"
    assert [task.state for task in record.tasks] == ["cancelled"]
    assert record.ended


def test_sigterm_while_a_task_sleeps_in_a_thread(tmp_path: Path) -> None:
    attempt = Attempt(tmp_path, WAITING.replace("time.sleep(60)", "[time.sleep(0.05) for _ in range(1200)]"),
                      "flows/it.py:submitted")  # fmt: skip
    process = attempt.start()
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    wake_until_it_ends(process)
    assert process.returncode == 130
    assert [task.state for task in attempt.record().tasks] == ["cancelled"]


def wake_until_it_ends(process: subprocess.Popen[str]) -> None:
    """As the supervisor does: here the signal comes while the flow begins to wait for the task."""
    for _ in range(30):
        try:
            process.communicate(timeout=1)
            return
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGURG)
    process.kill()
    process.communicate()


RESUMED = """
import os
from dataclasses import dataclass
from turnout import flow, task

@dataclass
class Contact:
    name: str

@task
def load(n):
    os.write(1, b"load %d\\n" % n)
    return Contact(f"c{n}")

@task
def text(contact):
    os.write(1, b"text " + contact.name.encode() + b"\\n")

@flow
def sub(n):
    os.write(1, b"sub\\n")
    return load(n + 10)

@flow
def main(until: int = 9, names: set = set()):
    sub(0)
    for n in range(until):
        text(load(n))
"""


def test_a_resumed_attempt_reuses_steps_with_equal_inputs(tmp_path: Path) -> None:
    attempt = Attempt(tmp_path, RESUMED)
    _, first, out = attempt.finish(parameters={"until": 2})
    assert out.splitlines() == ["sub", "load 10", "load 0", "text c0", "load 1", "text c1"]
    steps = [
        {"key": task.key, "attempt": 1, "inputs": task.facts["inputs"], "result": task.facts["result"]}
        for task in first.tasks
        if task.kind == "task" and task.key != "load#1"
    ]
    checkpoints = tmp_path / "checkpoints"
    checkpoints.write_text("".join(json.dumps(step) + "\n" for step in steps))
    code, second, out = attempt.finish(2, parameters={"until": 3}, checkpoints=str(checkpoints))
    assert code == 0
    assert out.splitlines() == ["sub", "load 1", "load 2", "text c2"]
    reused = second.task("load#0")
    assert reused.states[-1] == ("completed", "Reused")
    assert (reused.facts["reused"], reused.facts["inputs"]) == (1, first.task("load#0").facts["inputs"])
    assert second.task("sub#0/load#0").state_name == "Reused"


def test_deadlines_are_told_to_the_supervisor(tmp_path: Path) -> None:
    source = """
from turnout import flow, task
@task(timeout_seconds=30, task_run_name="long\\nname")
def t(): ...
@task
def free(): ...
@flow(timeout_seconds=40)
def main():
    t(); free(); t.submit().result()
"""
    reading, writing = os.pipe()
    Attempt(tmp_path, source).finish(control_fd=writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        words = [line.split() for line in pipe]
    assert [(word[0], word[1]) for word in words] == [
        ("deadline", "0"),
        ("deadline", "1"),
        ("clear", "1"),
        ("deadline", "3"),
        ("clear", "3"),
        ("clear", "0"),
    ]
    assert words[1][3:] == ["long", "name"]


OWN_OPTIONS = """
import time
from turnout import flow

tries = []

@flow(retries=1, timeout_seconds=0.05)
def main(seconds: float):
    tries.append(1)
    time.sleep(seconds)
    raise ValueError(f"try {len(tries)}")

@main.on_failure
def tell(flow, run, state):
    print("told")
"""


@pytest.mark.parametrize(
    ("policy", "seconds", "reason"),
    [
        ({}, 0, "ValueError: try 2"),
        ({"retries": 2}, 0, "ValueError: try 1"),
        (
            {"retries": 0, "timeout_seconds": None},
            0.2,
            "FlowTimeout: flow 'main' ran longer than its timeout of 0.05 s",
        ),
        ({"timeout_seconds": 60.0}, 0.2, "ValueError: try 2"),
        ({"retries": 1, "timeout_seconds": 60.0}, 0.2, "ValueError: try 1"),
        ({"retries": 0, "own_retries": False}, 0, "ValueError: try 1"),
    ],
)
def test_the_manifest_wins_over_the_decorator(
    tmp_path: Path, policy: dict[str, Any], seconds: float, reason: str
) -> None:
    attempt = Attempt(tmp_path, OWN_OPTIONS)
    code, record, out = attempt.finish(parameters={"seconds": seconds}, policy=policy)
    assert (code, record.reason, out) == (1, reason, "told\n")


def test_what_ended_the_run_is_in_its_log(tmp_path: Path) -> None:
    source = "from turnout import flow\n\n@flow\ndef main():\n    raise ValueError('k3y is wrong')\n"
    _, record, _ = Attempt(tmp_path, source).finish(mask=["k3y"])
    [message] = record.messages
    first, trace, *frames, last = message.strip().splitlines()
    assert (first, trace) == ("Flow 'main' failed:", "Traceback (most recent call last):")
    assert [frame for frame in frames if "File" in frame] == [
        f'  File "{tmp_path}/bundle/flows/it.py", line 5, in main'
    ]
    assert last == "ValueError: ******** is wrong"


TELLTALE = """
from turnout import artifacts, flow, tags, task
from turnout.states import Failed

@task(task_run_name="load-{key}")
def load(key): return key

@task(timeout_seconds=60, task_run_name="slow-{key}")
def slow(key): raise ValueError("." * 15_990 + key + "." * 60_000)

@flow(flow_run_name="inner-{key}")
def inner(key): return Failed(name=key, message="." * 1_190 + key)

@flow
def main(key: str):
    with tags(key):
        load(key)
        load([key])
        load.submit({key: 1}).wait()
    slow(key, return_state=True)
    inner(key, return_state=True)
    artifacts.create_markdown_artifact("text " + key, key=key)
    artifacts.create_table_artifact([{key: key}], key="table")
    raise ValueError(key)
"""


def test_a_secret_is_nowhere_in_the_journal(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    secret = "Zq7Xw9Vk2Jp4"
    attempt = Attempt(tmp_path, TELLTALE)
    code, record, _ = attempt.finish(parameters={"key": secret}, mask=[secret], control_fd=writing)
    os.close(writing)
    with os.fdopen(reading) as control:
        told = control.read()
    assert (code, record.reason) == (1, "ValueError: ********")
    journal = (tmp_path / "spool" / f"{RUN}.1.0").read_text()
    assert "slow-********" in told
    for part in range(len(secret) - 3):
        assert secret[part : part + 4] not in journal + told


def test_a_file_that_does_not_import_says_so_in_the_log(tmp_path: Path) -> None:
    _, record, _ = Attempt(tmp_path, "import nowhere_to_be_found\n").finish()
    [message] = record.messages
    assert 'flows/it.py", line 1' in message
    assert "ModuleNotFoundError" in message
