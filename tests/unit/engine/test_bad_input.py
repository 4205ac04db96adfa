"""What flow authors do by mistake: each ends in an error that names the task or flow, and in a record with an end."""

import asyncio
import inspect
import os
import sys
import threading
from typing import Any

import pytest

from turnout import flow, get_run_logger, task
from turnout.context import with_context
from turnout.core.errors import FlowRunFailed, MappingLengthMismatch, MissingContext, RunError
from turnout.futures import Future
from turnout.testing import Harness, RecordedRun

FINAL = {"completed", "failed", "cancelled", "skipped"}


def all_ended(run: RecordedRun) -> bool:
    return run.state in FINAL and all(each.state in FINAL for each in run.tasks)


@task
def echo(x: Any) -> Any:
    return x


def test_flows_that_call_each_other_without_end(records: Harness) -> None:
    @flow
    def ping(depth: int) -> int:
        return pong(depth + 1)

    @flow
    def pong(depth: int) -> int:
        return ping(depth + 1)

    with pytest.raises(RecursionError):
        ping(0)
    assert records.run.state == "failed"
    assert all_ended(records.run)
    assert echo(1) == 1, "the engine works on"


def test_tasks_that_call_themselves_without_end(records: Harness) -> None:
    @task
    def again() -> Any:
        return again()

    @flow
    def main() -> Any:
        return again()

    # Wherever in the engine the stack ends, also before the deepest task is in the journal.
    frame, depth = inspect.currentframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    most = sys.getrecursionlimit()
    try:
        for limit in range(depth + 150, depth + 190):
            sys.setrecursionlimit(limit)
            with pytest.raises(RecursionError):
                main()
            sys.setrecursionlimit(most)
            assert all_ended(records.run)
    finally:
        sys.setrecursionlimit(most)


@pytest.mark.parametrize("submitted", [False, True])
def test_a_coroutine_that_nobody_awaited(records: Harness, submitted: bool) -> None:
    async def fetch() -> int:
        return 3

    @task
    def forgets() -> Any:
        return fetch()

    @flow
    def main() -> Any:
        return forgets.submit().result() if submitted else forgets()

    with pytest.raises(RunError, match="task 'forgets' returned a coroutine that nobody awaited"):
        main()
    assert records.run.task("forgets#0").state == "failed"


def test_a_flow_that_returns_a_coroutine(records: Harness) -> None:
    async def fetch() -> int:
        return 3

    @flow
    def main() -> Any:
        return fetch()

    with pytest.raises(RunError, match="flow 'main' returned a coroutine"):
        main()


def test_a_task_that_returns_a_future_gives_its_value(records: Harness) -> None:
    @task
    def hands_on(how: str) -> Any:
        return echo.map([1, 2]) if how == "many" else echo.submit(1)

    @task
    async def hands_on_async() -> Any:
        return echo.submit(1)

    @flow
    def main() -> Any:
        return hands_on("one"), hands_on.submit("many").result(), hands_on_async.submit().result()

    assert main() == (1, [1, 2], 1)


def test_a_task_that_returns_a_failed_future_fails(records: Harness) -> None:
    @task
    def fails() -> None:
        raise ValueError("broken")

    @task
    def hands_on() -> Any:
        return fails.submit()

    @flow
    def main() -> Any:
        return hands_on.submit().result()

    with pytest.raises(ValueError, match="broken"):
        main()
    assert {each.state for each in records.run.tasks} == {"failed"}


def test_thousands_of_futures_that_nobody_reads(records: Harness) -> None:
    @flow
    def main() -> None:
        for number in range(5000):
            echo.submit(number)

    main()
    assert len(records.run.tasks) == 5000
    assert {each.state for each in records.run.tasks} == {"completed"}


def test_of_thousands_of_failures_the_error_names_some(records: Harness) -> None:
    @task(task_run_name="load-{x}")
    def load(x: int) -> None:
        raise ValueError(f"no {x}")

    @flow
    def main() -> None:
        load.map(range(1000))

    with pytest.raises(FlowRunFailed, match=r"1000 tasks did not complete .*'load-\d+'.* and 995 more"):
        main()
    assert all_ended(records.run)


def test_unequal_lengths_are_named(records: Harness) -> None:
    @task
    def pair(a: Any, b: Any) -> Any:
        return a, b

    @flow
    def main() -> None:
        pair.map([1, 2], b=[1, 2, 3])

    with pytest.raises(MappingLengthMismatch, match="argument 1: 2, b: 3"):
        main()
    assert (records.run.state, records.run.tasks) == ("failed", [])


def waiting_for(box: list[Future[Any]], filled: threading.Event) -> Any:
    assert filled.wait(20)
    return box[0].result()


@pytest.mark.parametrize("how", ["wait_for", "argument"])
def test_a_task_that_waits_for_one_that_waits_for_it(records: Harness, how: str) -> None:
    box: list[Future[Any]] = []
    filled = threading.Event()

    @task
    def first() -> Any:
        return waiting_for(box, filled)

    @flow
    def main() -> Any:
        future = first.submit()
        box.append(echo.submit(1, wait_for=[future]) if how == "wait_for" else echo.submit(future))
        filled.set()
        return future.result()

    with pytest.raises(RunError, match="task 'first' would wait for itself: it waits for task 'echo'"):
        main()
    assert all_ended(records.run)


class Box(list[Future[Any]]):
    """Arguments are searched for futures in plain lists only."""


def test_two_tasks_that_wait_for_each_other(records: Harness) -> None:
    boxes = Box(), Box()
    filled = threading.Event()

    @task
    def one(other: Box) -> Any:
        return waiting_for(other, filled)

    @flow
    def main() -> Any:
        boxes[0].append(one.submit(boxes[1]))
        boxes[1].append(one.submit(boxes[0]))
        filled.set()
        return [box[0].result(raise_on_failure=False) for box in boxes]

    errors = main()
    assert all("would wait for itself" in str(error) for error in errors)
    assert all_ended(records.run)


def test_a_list_that_got_a_future_after_the_call(records: Harness) -> None:
    late: list[Any] = []
    filled = threading.Event()

    @task
    def first() -> None:
        assert filled.wait(20)

    @flow
    def main() -> Any:
        before = first.submit()
        future = echo.submit(late, wait_for=[before])
        late.append(echo.submit(1, wait_for=[future]))
        filled.set()
        return type(future.result()[0]).__name__

    assert main() == "Future"


def test_async_tasks_that_wait_for_each_other(records: Harness) -> None:
    box: list[Future[Any]] = []
    filled = threading.Event()

    @task
    async def first() -> Any:
        await asyncio.to_thread(filled.wait, 20)
        return await box[0]

    @flow
    def main() -> Any:
        future = first.submit()
        box.append(echo.submit(future))
        filled.set()
        return future.result()

    with pytest.raises(RunError, match="would wait for itself"):
        main()
    assert all_ended(records.run)


def test_a_forked_child_writes_nothing_to_the_record(records: Harness) -> None:
    @task
    def forks() -> int:
        child = os.fork()
        if child == 0:
            try:
                get_run_logger().info("the child's")
                echo("the child's")
            finally:
                os._exit(7)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    @flow
    def main() -> Any:
        get_run_logger().info("the parent's")
        return forks.submit().result(), echo(1)

    with pytest.warns(DeprecationWarning, match="fork") if is_warned() else nothing():
        assert main() == (7, 1)
    assert [line.message for line in records.run.logs] == ["the parent's"]
    assert all_ended(records.run)


def test_a_child_that_goes_on_with_the_flow_records_nothing(tmp_path: Any) -> None:
    import subprocess
    import sys

    script = tmp_path / "forking.py"
    script.write_text(
        "import os\n"
        "from turnout import flow, task, get_run_logger\n"
        "@task\n"
        "def forks():\n    return os.fork()\n"
        "@task\n"
        "def after(child):\n    get_run_logger().info('after')\n    return bool(child)\n"
        "@flow\n"
        "def main():\n    child = forks()\n    after(child)\n    return child\n"
        "child = main()\n"
        "if child:\n    os.waitpid(child, 0)\n"
    )
    data = tmp_path / "data"
    env = {**os.environ, "TURNOUT_DATA": str(data), "TURNOUT_RECORD": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(
        [sys.executable, "-m", "turnout", "runs", "ls", "--json"],
        env=env, capture_output=True, text=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert shown.stdout.count('"completed"') == 1, shown.stdout + shown.stderr


def test_a_thread_of_the_users_own_knows_no_run(records: Harness) -> None:
    @flow
    def main() -> Any:
        errors: list[Any] = []

        def inside() -> None:
            get_run_logger().info("heard")  # the standard library's logger: in the log all the same
            try:
                echo.submit(1)
            except MissingContext as error:
                errors.append(error)

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        return errors

    (error,) = main()
    assert "echo.submit() needs a running flow" in error.what
    assert "with_context" in error.fix
    assert [line.message for line in records.run.logs] == ["heard"]


def test_a_thread_can_be_given_the_run(records: Harness) -> None:
    @task
    def spreads() -> Any:
        got: list[Any] = []
        threads = [
            threading.Thread(target=with_context(lambda number=number: got.append(echo(number)))) for number in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(got)

    @flow
    def main() -> Any:
        return spreads()

    assert main() == [0, 1, 2]
    assert [each.parent for each in records.run.tasks] == [0, 1, 1, 1]


class Unpicklable(Exception):
    def __init__(self, lock: Any, more: str) -> None:
        super().__init__("holds a lock")
        self.lock = lock
        self.more = more


def test_an_exception_that_does_not_pickle(records: Harness) -> None:
    @task
    def fails() -> None:
        raise Unpicklable(threading.Lock(), "x")

    @flow
    def main() -> Any:
        fails.submit().result()

    with pytest.raises(Unpicklable):
        main()
    assert records.run.task("fails#0").facts["error"]["message"] == "holds a lock"


def test_arguments_that_cannot_be_hashed_or_stored(records: Harness) -> None:
    class Odd:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("compares with nothing")

    odd = Odd()

    @flow
    def main() -> Any:
        return echo(odd) is odd, echo.submit([odd, {"a": odd}]).result()[0] is odd, echo.map([odd]).result()[0] is odd

    assert main() == (True, True, True)
    assert {each.state for each in records.run.tasks} == {"completed"}


def nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def is_warned() -> bool:
    """Whether this Python warns of a fork among threads."""
    import sys

    return sys.version_info >= (3, 12)
