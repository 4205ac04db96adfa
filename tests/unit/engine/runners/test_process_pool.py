"""`ProcessPoolTaskRunner`: what tasks can do in another process, and how they and it may end."""

import asyncio
import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine.runners import remote_tasks as remote
from turnout import flow, task, unmapped
from turnout.core.errors import (
    ConfigurationError,
    FlowRunFailed,
    FlowTimeout,
    NotSendable,
    RemoteFailure,
    TaskCrashed,
    TaskTimeout,
)
from turnout.engine.runners import processes
from turnout.task_runners import ConcurrentTaskRunner, ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner
from turnout.testing import Harness, harness

pytestmark = pytest.mark.usefixtures("records")


def in_processes(body: Callable[[], Any], workers: int = 2, **options: Any) -> Any:
    """What `body` returns as a flow whose tasks run in processes."""
    return flow(body, name="main", task_runner=ProcessPoolTaskRunner(workers), **options)()


def test_results_come_back_in_order_from_other_processes() -> None:
    def body() -> tuple[list[int], set[int]]:
        return remote.double.map(range(20)).result(), {remote.where.submit().result() for _ in range(3)}

    doubled, pids = in_processes(body)
    assert doubled == [2 * number for number in range(20)]
    assert os.getpid() not in pids


def test_async_tasks_and_async_flows() -> None:
    async def body() -> list[int]:
        return await remote.double_later.map([1, 2])

    made = flow(body, name="main", task_runner=ProcessPoolTaskRunner(1))
    assert asyncio.run(made()) == [2, 4]


def test_a_chain_needs_no_second_process() -> None:
    def body() -> int:
        future = remote.double.submit(1)
        for _ in range(20):
            future = remote.double.submit(future)
        return future.result()

    assert in_processes(body, workers=1) == 2**21


def test_what_a_task_says_is_recorded(records: Harness) -> None:
    def body() -> Any:
        return remote.talk.submit("hello").result()

    told = in_processes(body)
    run = records.run
    assert told["flow"] == "main"
    assert told["tags"] == ["own"]
    assert told["id"] == run.header["run"]
    assert {"printed hello", "logged hello"} <= set(run.messages)
    assert run.artifacts["talk"] == ("markdown", {"markdown": "# hello"})
    inner = run.task("double")
    assert inner.parent == run.task("talk").number
    assert inner.key == "talk#0/double#0"
    assert inner.tags == ("inside",)
    assert inner.result == 8


def test_secrets_are_masked_there_too() -> None:
    with harness(mask=["hunter2"]) as records:
        in_processes(lambda: remote.talk.submit("hunter2").wait() and None)
    assert "hunter2" not in "".join(records.run.lines)


def test_tasks_submitted_in_a_remote_task_run_beside_it(records: Harness) -> None:
    assert in_processes(lambda: remote.nested.submit([1, 2, 3]).result()) == [2, 4, 6]
    assert [step.name for step in records.run.tasks] == ["nested", "double", "double", "double"]


def test_a_failure_that_a_remote_task_does_not_read_is_its_own() -> None:
    with pytest.raises(FlowRunFailed, match="'complain'"):
        in_processes(lambda: remote.nested_failure.submit().result())


def test_a_subflow_in_a_remote_task(records: Harness) -> None:
    assert in_processes(lambda: remote.calls_a_flow.submit(3).result()) == 7
    assert records.run.task("a-subflow").state == "completed"


def test_an_exception_keeps_its_class_its_words_and_its_traceback(records: Harness) -> None:
    with pytest.raises(ValueError, match=r"^no good$") as caught:
        in_processes(lambda: remote.complain.submit("no good").result())
    assert "remote_tasks.py" in str(caught.value.__cause__)
    assert records.run.task("complain").facts["error"]["type"] == "ValueError"


def test_an_exception_that_does_not_pickle_keeps_its_name_and_words(records: Harness) -> None:
    with pytest.raises(RemoteFailure, match="one and two") as caught:
        in_processes(lambda: remote.complain_oddly.submit().result())
    assert type(caught.value).__name__ == "OddError"
    error = records.run.task("complain_oddly").facts["error"]
    assert error["type"].endswith("remote_tasks.OddError")
    assert "remote_tasks.py" in error["traceback"]


def test_a_result_that_does_not_pickle_says_so() -> None:
    with pytest.raises(NotSendable, match=r"the result .* cannot pickle '_thread.lock'"):
        in_processes(lambda: remote.give_a_lock.submit().result())
    with pytest.raises(NotSendable, match="generator"):
        in_processes(lambda: remote.generate.submit().result())


@pytest.mark.parametrize("value", [sqlite3.connect(":memory:"), threading.Lock(), (n for n in range(3))])
def test_an_argument_that_does_not_pickle_is_named_at_submit(records: Harness, value: Any) -> None:
    def body() -> None:
        remote.take.submit("fine", other=value)

    with pytest.raises(NotSendable, match="argument 'other' of task 'take' cannot go to another process"):
        in_processes(body)
    assert records.run.tasks == []


def test_an_argument_of_a_future_is_checked_when_it_is_there() -> None:
    here = task(lambda: threading.Lock(), name="here")

    def body() -> Any:
        return remote.take.submit(here(), other=1)

    with pytest.raises(NotSendable, match="argument 'value' of task 'take'"):
        in_processes(body)


def test_code_that_no_module_has_goes_by_value() -> None:
    factor = 3

    @task
    def triple(number: int) -> int:
        return factor * number

    space: dict[str, Any] = {"task": task, "__name__": "nowhere"}
    exec("@task\ndef half(number):\n    return number // 2\n", space)  # as a notebook does

    def body() -> list[Any]:
        return [triple.submit(2).result(), task(lambda n: n + 1, name="more").submit(2).result(), space["half"](8)]

    assert in_processes(body) == [6, 3, 4]


def test_without_cloudpickle_such_code_is_refused_at_submit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    monkeypatch.setattr(
        "turnout.engine.runners.pickling._interactive", False
    )  # as in a script, whatever runs the tests

    @task
    def inside() -> None: ...

    with pytest.raises(NotSendable, match=r"'inside' cannot run in another process.*\n.*where: .*\n.*turnout\[cloud"):
        in_processes(lambda: inside.submit().result())


def test_a_hundred_megabytes_go_and_come_back() -> None:
    size = 100_000_000
    assert in_processes(lambda: remote.take.submit(bytes(size)).result()) == size


@pytest.mark.parametrize(("how", "words"), [
    ("SIGKILL", "was killed by SIGKILL: by hand, or because memory ran out"),
    ("SIGSEGV", "was killed by SIGSEGV"),
    ("SIGTERM", "was ended by SIGTERM"),
    ("exit", "ended with exit code 3"),
])  # fmt: skip
def test_a_lost_process_is_a_crash_with_its_reason(records: Harness, how: str, words: str) -> None:
    hooked = []
    unlucky = remote.die.with_options(on_failure=[lambda *_: hooked.append("told")])

    def body() -> list[int]:
        with pytest.raises(TaskCrashed, match=words):
            unlucky.submit(how).result()
        return remote.double.map([1, 2]).result()  # the pool has healed

    assert in_processes(body, workers=1) == [2, 4]
    assert records.run.task("die").states[-1] == ("crashed", "Crashed")
    assert words in (records.run.task("die").reason or "")
    assert hooked == ["told"]
    assert zombies() == []


def test_a_lost_process_is_retried(records: Harness) -> None:
    assert in_processes(lambda: remote.die_first.map(["SIGKILL", "exit"]).result()) == ["alive", "alive"]
    assert [step.tries for step in records.run.tasks] == [2, 2]


def test_a_timeout_kills_what_does_not_stop(records: Harness) -> None:
    with pytest.raises(TaskTimeout, match=r"longer than its timeout of 0\.2 s, and its process was killed"):
        in_processes(lambda: remote.hog.submit().result())
    assert records.run.task("hog").states[-1] == ("failed", "TimedOut")


def test_a_timeout_says_where_the_code_was() -> None:
    with pytest.raises(TaskTimeout) as caught:
        in_processes(lambda: remote.sleepy.submit().result())
    assert "time.sleep(60)" in str(caught.value.__cause__)


@pytest.mark.timeout(60, method="thread")  # SIGALRM belongs to the flow's own timeout
def test_a_flow_that_is_over_takes_its_tasks_along_with_all_they_started(records: Harness, tmp_path: Path) -> None:
    def body() -> None:
        remote.announce_and_wait.map([str(tmp_path)] * 2).result()

    with pytest.raises(FlowTimeout):
        in_processes(body, timeout_seconds=3)
    pids = [pid for file in tmp_path.glob("pids.*") for pid in (int(file.suffix[1:]), int(file.read_text()))]
    assert pids
    while any(runs(pid) for pid in pids):  # the killed die in their own time; the unkilled sleep on
        time.sleep(0.01)
    assert records.run.state == "failed"
    assert all(step.state == "cancelled" for step in records.run.tasks)


@pytest.mark.timeout(60, method="thread")
def test_the_next_try_of_a_flow_has_its_processes(records: Harness) -> None:
    tries: list[int] = []

    def body() -> int:
        tries.append(1)
        if len(tries) == 1:
            remote.sleep_long.submit().result()
        return remote.double.submit(2).result()

    assert in_processes(body, workers=1, timeout_seconds=2, retries=1) == 4
    assert [step.state for step in records.run.tasks] == ["cancelled", "completed"]


def test_a_warm_process_serves_the_next_flow() -> None:
    first = in_processes(lambda: remote.where.submit().result(), workers=1)
    assert in_processes(lambda: remote.where.submit().result(), workers=1) == first


def test_a_warm_process_that_died_meanwhile_is_not_missed() -> None:
    pid = in_processes(lambda: remote.where.submit().result(), workers=1)
    dead = next(process for process in processes._living if process.pid == pid)
    os.kill(pid, 9)
    dead._popen.wait()
    assert in_processes(lambda: remote.double.submit(2).result()) == 4


def test_hooks_and_conditions_run_in_the_flows_process() -> None:
    seen: list[Any] = []

    def condition(*_: Any) -> bool:
        seen.append(os.getpid())
        return True

    again = remote.complain.with_options(
        retries=1, retry_condition_fn=condition, on_failure=[lambda *_: seen.append(os.getpid())]
    )

    def body() -> None:
        again.submit("x").wait().state  # noqa: B018 - read, so that the flow completes

    in_processes(body)
    assert seen == [os.getpid()] * 2


def test_a_retry_that_waits_keeps_no_process(records: Harness) -> None:
    later = remote.complain.with_options(retries=1, retry_delay_seconds=0.3)

    def body() -> int:
        waiting = later.submit("x")
        done = remote.double.map([1, 2, 3]).result()
        assert not waiting.done()
        waiting.wait().state  # noqa: B018
        return sum(done)

    assert in_processes(body, workers=1) == 12


@pytest.mark.parametrize("workers", [0, -1, 1.5, "two", True])
@pytest.mark.parametrize("runner", [ProcessPoolTaskRunner, ThreadPoolTaskRunner])
def test_a_wrong_number_of_workers_is_refused(runner: type[TaskRunner], workers: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)max_workers is .*fix: give a whole number from 1"):
        runner(workers)  # type: ignore[call-arg]


def test_runners_are_context_managers_and_settings() -> None:
    assert ConcurrentTaskRunner is ThreadPoolTaskRunner
    with ProcessPoolTaskRunner(max_workers=1) as runner:
        assert runner.name == "processpool"
        assert flow(lambda: remote.double.submit(1).result(), name="a").with_options(task_runner=runner)() == 2
    assert runner.duplicate().max_workers == 1
    assert ProcessPoolTaskRunner().max_workers == os.cpu_count()


def test_an_initializer_is_called_once_in_each_process_of_its_own() -> None:
    runner = ProcessPoolTaskRunner(1, initializer=remote.prepare, initargs=("so",))

    @flow(task_runner=runner)
    def main() -> list[list[str]]:
        return [remote.how_prepared.submit().result() for _ in range(2)]

    assert main() == [["so"], ["so"]]
    assert main() == [["so"], ["so"]]
    assert in_processes(lambda: remote.how_prepared.submit().result()) == []


def test_an_initializer_that_fails_fails_the_task() -> None:
    runner = ProcessPoolTaskRunner(1, initializer=remote.prepare_badly, initargs=("no such driver",))
    failing = flow(lambda: remote.double.submit(1).result(), name="failing", task_runner=runner)
    with pytest.raises(TaskCrashed, match=r"(?s)initializer .* failed:.*ValueError: no such driver"):
        failing()


def test_map_with_unmapped_and_wait_for() -> None:
    def body() -> list[int]:
        first = remote.where.submit()
        return remote.take.map(["a", "bb"], other=unmapped({"x": 1}), wait_for=[first]).result()

    assert in_processes(body) == [1, 2]


def zombies() -> list[int]:
    """Children of this process that ended and that nobody took off the kernel's list."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_bytes().rpartition(b")")[2].split()[:2]
            if state == b"Z" and int(parent) == os.getpid():
                found.append(int(path.parent.name))
    return found


def runs(pid: int) -> bool:
    """Whether the process can still execute."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in b"ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
