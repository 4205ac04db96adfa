import asyncio
import signal
import threading
import time
from typing import Any

import pytest

from turnout import flow, task
from turnout.core.errors import FlowTimeout, TaskTimeout
from turnout.testing import Harness

SOON = 0.05
pytestmark = pytest.mark.timeout(60, method="thread")  # SIGALRM is what is tested here


def spin() -> None:
    while True:
        pass


@pytest.mark.parametrize("body", [spin, lambda: time.sleep(30), lambda: threading.Event().wait(30)])
def test_a_direct_call_in_the_main_thread_is_interrupted(records: Harness, body: Any) -> None:
    @task(timeout_seconds=SOON)
    def stuck() -> None:
        try:
            body()
        except Exception:  # user code that catches everything must not catch this
            raise AssertionError from None

    @flow
    def main() -> None:
        stuck()

    with pytest.raises(TaskTimeout, match="'stuck' ran longer"):
        main()
    assert records.run.task("stuck").states[-1] == ("failed", "TimedOut")
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_a_submitted_loop_is_interrupted(records: Harness) -> None:
    cleaned = threading.Event()

    @task(timeout_seconds=SOON)
    def stuck() -> None:
        try:
            spin()
        finally:
            cleaned.set()

    @flow
    def main() -> str:
        return stuck.submit().wait().state.name

    assert main() == "TimedOut"
    assert cleaned.wait(10)  # the future ends at the deadline, its thread a moment later


def test_a_future_does_not_wait_for_a_thread_that_is_stuck(records: Harness) -> None:
    go, hooked = threading.Event(), threading.Event()

    @task(timeout_seconds=SOON, on_failure=[lambda *_: hooked.set()])
    def stuck() -> None:
        lock = threading.Lock()
        with lock:
            go.wait(30)  # not interruptible in a thread

    @task
    def after() -> int:
        return 1

    from turnout.task_runners import ThreadPoolTaskRunner

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def main() -> tuple[str, int]:
        future = stuck.submit()
        name = future.wait().state.name
        return name, after.submit().result()  # the pool lost its only thread and goes on

    assert main() == ("TimedOut", 1)
    assert hooked.is_set()
    go.set()
    assert records.run.task("stuck").states[-1] == ("failed", "TimedOut")


def test_the_next_try_does_not_wait_for_a_thread_that_is_stuck(records: Harness) -> None:
    """Nothing lets the first two tries go before the third has answered, in a pool of one thread."""
    go, tries, left = threading.Event(), [], []

    @task(timeout_seconds=SOON, retries=2)
    def stuck() -> int:
        tries.append(threading.get_ident())
        if len(tries) < 3:
            with threading.Lock():
                go.wait(30)  # not interruptible in a thread
            left.append(threading.get_ident())
        return len(tries)

    @task
    def after() -> int:
        return threading.active_count()

    from turnout.task_runners import ThreadPoolTaskRunner

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def main() -> tuple[int, list[int]]:
        result = stuck.submit().result()
        early = list(left)
        go.set()
        after.submit().result()
        return result, early

    assert main() == (3, [])
    assert len(set(tries)) == 3
    assert [name for _, name in records.run.task("stuck").states] == [
        "Pending", "Running", "AwaitingRetry", "Running", "AwaitingRetry", "Running", "Completed",
    ]  # fmt: skip


def test_a_stuck_task_fails_once_after_its_last_try(records: Harness) -> None:
    go = threading.Event()

    @task(timeout_seconds=SOON, retries=1)
    def stuck() -> None:
        with threading.Lock():
            go.wait(30)

    @flow
    def main() -> str:
        name = stuck.submit().wait().state.name
        go.set()
        return name

    assert main() == "TimedOut"
    names = [name for _, name in records.run.task("stuck").states]
    assert names[-4:] == ["Running", "AwaitingRetry", "Running", "TimedOut"]


def test_async_tasks_time_out(records: Harness) -> None:
    @task(timeout_seconds=SOON)
    async def stuck() -> None:
        await asyncio.sleep(30)

    @flow
    async def async_main() -> None:
        await stuck()

    @flow
    def sync_main() -> str:
        with pytest.raises(TaskTimeout):
            stuck()
        return stuck.submit().wait().state.name

    with pytest.raises(TaskTimeout):
        asyncio.run(async_main())
    assert sync_main() == "TimedOut"


def test_a_timeout_is_a_failure_that_is_retried(records: Harness) -> None:
    tries: list[int] = []

    @task(timeout_seconds=SOON, retries=1)
    def slow_once() -> str:
        tries.append(1)
        if len(tries) == 1:
            spin()
        return "done"

    @flow
    def main() -> tuple[str, str]:
        first = slow_once()
        tries.clear()
        return first, slow_once.submit().result()

    assert main() == ("done", "done")


def test_nested_deadlines_stop_the_one_that_is_due(records: Harness) -> None:
    @task(timeout_seconds=30)
    def patient() -> None:
        spin()

    @task(timeout_seconds=SOON)
    def hasty() -> None:
        patient()

    @flow(timeout_seconds=30)
    def main() -> str:
        return hasty(return_state=True).name

    assert main() == "TimedOut"
    assert records.run.task("hasty").state_name == "TimedOut"
    assert records.run.task("patient").state == "cancelled"


def test_a_flow_times_out_with_all_that_runs_in_it(records: Harness) -> None:
    @task
    def endless() -> None:
        spin()

    @task(retries=5, retry_delay_seconds=30)
    def hopeful() -> None:
        raise ValueError

    @flow(timeout_seconds=0.2)
    def main() -> None:
        endless.submit()
        hopeful.submit()
        endless()

    with pytest.raises(FlowTimeout):
        main()
    assert records.run.states[-1] == ("failed", "TimedOut")
    assert {task.state for task in records.run.tasks} == {"cancelled"}


def test_an_async_flow_times_out(records: Harness) -> None:
    @flow(timeout_seconds=SOON)
    async def main() -> None:
        await asyncio.sleep(30)

    with pytest.raises(FlowTimeout):
        asyncio.run(main())


def test_an_alarm_comes_again_until_it_is_heard(records: Harness) -> None:
    """One in the instant before a blocking call is heard only with the next one."""
    left: list[tuple[float, float]] = []

    @task(timeout_seconds=30)
    def quick() -> None:
        left.append(signal.getitimer(signal.ITIMER_REAL))

    @flow
    def main() -> None:
        quick()

    main()
    assert left[0][1] > 0


def test_in_time_leaves_nothing_behind(records: Harness) -> None:
    @task(timeout_seconds=30)
    def quick() -> int:
        return 1

    @flow
    def main() -> list[int]:
        return [quick(), *quick.map([]).result(), quick.submit().result()]

    assert main() == [1, 1]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_alarm_of_the_users_own_is_left_alone(records: Harness) -> None:
    mine = signal.signal(signal.SIGALRM, lambda *_: None)
    try:

        @task(timeout_seconds=SOON)
        def stuck() -> None:
            spin()

        @flow
        def main() -> str:
            return stuck(return_state=True).name

        assert main() == "TimedOut"
        assert signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGALRM, mine)
