"""What begins, and what does not, once a run is to stop or its time is over."""

import mmap
import os
import time
from pathlib import Path

import pytest

from tests.unit.engine.test_main import RUN
from turnout.engine.__main__ import CANCELLED, execute
from turnout.testing import RecordedRun

SOURCE = """
import os, signal, time
from turnout import flow, task

signal.signal(signal.SIGTERM, signal.SIG_IGN)

@task
def step(n):
    print("step", n)
    if n == 1:
        flag[0] = 1

@task(retries=5)
def failing():
    print("try")
    flag[0] = 1
    raise ValueError("as planned")

@flow
def direct():
    for n in range(4):
        step(n)

@flow
def swallowing():
    for n in range(4):
        try:
            step(n)
        except BaseException:
            pass
    raise ValueError("tired")

@flow
def submitting():
    step.submit(1).result()
    step.submit(2).result()

@flow
def unread():
    step.submit(1).result()
    step.submit(2)

@flow
def retrying():
    failing()

@flow
def hooked():
    step(1)
    step(2)

@hooked.on_cancellation
def again(flow, run, state):
    step(3)

@flow
def over():
    for n in range(2):
        step(n)
"""


def attempt(folder: Path, flow: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, RecordedRun, list[str]]:
    """A run in a forked process, as under a supervisor, with a flag that the flow's own code sets."""
    (folder / "it.py").write_text(SOURCE)
    spool = folder / "spool"
    spool.mkdir()
    flag = mmap.mmap(-1, 1)
    _reading, writing = os.pipe()
    run = {
        "id": RUN, "attempt": 1, "name": "brisk-heron", "trigger": "manual", "flow_name": flow, "parameters": {},
        "tags": [], "project": "field", "deployment": "nightly",
        "spec": {"entrypoint": f"it.py:{flow}", "policy": {}},
    }  # fmt: skip
    job = {"run": run, "spool": str(spool), "bundle_dir": str(folder), "control_fd": writing, "stop_flag": flag}
    pid = os.fork()
    if not pid:
        code = 99
        try:
            import builtins

            builtins.flag = flag  # type: ignore[attr-defined]
            said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT)
            os.dup2(said, 1)
            os.dup2(said, 2)
            code = execute(job)
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    record = RecordedRun((spool / f"{RUN}.1.0").read_text().split("\n")[:-1])
    return code, record, [task.key for task in record.tasks]


@pytest.mark.parametrize(
    ("flow", "keys"),
    [
        ("direct", ["step#0", "step#1"]),
        ("swallowing", ["step#0", "step#1"]),
        ("retrying", ["failing#0"]),
        ("hooked", ["step#0"]),
        ("over", ["step#0", "step#1"]),
    ],
)
def test_no_task_begins_after_the_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flow: str, keys: list[str]
) -> None:
    code, record, began = attempt(tmp_path, flow, capsys)
    assert began == keys
    if flow == "over":  # nothing was left to stop
        assert (code, record.state) == (0, "completed")
    else:
        assert (code, record.state) == (CANCELLED, "cancelled")


@pytest.mark.parametrize("flow", ["submitting", "unread"])
def test_a_submitted_task_is_cancelled_instead(tmp_path: Path, capsys: pytest.CaptureFixture[str], flow: str) -> None:
    code, record, _ = attempt(tmp_path, flow, capsys)
    assert (code, record.state) == (CANCELLED, "cancelled")
    assert record.task("step#1").states[-1] == ("cancelled", "Cancelled")


def test_a_retry_is_not_tried_after_the_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, record, _ = attempt(tmp_path, "retrying", capsys)
    assert [state for state, _ in record.task("failing").states] == ["running", "failed"]


def test_no_task_begins_in_a_flow_or_task_whose_time_is_over(tmp_path: Path) -> None:
    from turnout import flow, task
    from turnout.core.errors import TaskTimeout

    began = []

    @task
    def inner() -> None:
        began.append(1)

    @task(timeout_seconds=0.05)
    def outer() -> None:
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            try:
                time.sleep(0.3)
            except BaseException:
                inner()

    @flow
    def main() -> None:
        outer()

    with pytest.raises(TaskTimeout):
        main()
    assert not began
