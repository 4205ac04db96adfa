"""`@task(isolation="process")`: one task in a process of its own, however it is called."""

import asyncio
import os
import threading
from typing import Any

import pytest

from tests.unit.engine.runners import remote_tasks as remote
from turnout import flow, task
from turnout.core.errors import ConfigurationError, FlowTimeout, NotSendable, TaskCrashed, TaskTimeout
from turnout.task_runners import ThreadPoolTaskRunner
from turnout.testing import Harness


def test_a_direct_and_a_submitted_call_leave_the_flows_process(records: Harness) -> None:
    @flow
    def main() -> list[int]:
        return [remote.where_alone(), remote.where_alone.submit().result(), remote.where.submit().result()]

    direct, submitted, plain = main()
    assert plain == os.getpid()
    assert direct != plain
    assert submitted == direct  # a warm process serves again
    assert [step.state for step in records.run.tasks] == ["completed"] * 3


def test_outside_a_flow() -> None:
    assert remote.where_alone() != os.getpid()


def test_async_tasks_in_both_kinds_of_flow(records: Harness) -> None:
    @flow
    def blocking() -> int:
        return remote.where_alone_later()

    @flow
    async def awaiting() -> tuple[int, int]:
        return await remote.where_alone_later(), await remote.where_alone_later.submit()

    assert blocking() != os.getpid()
    assert os.getpid() not in asyncio.run(awaiting())


@pytest.mark.parametrize("submitted", [False, True])
def test_a_timeout_stops_native_code(records: Harness, submitted: bool) -> None:
    @flow
    def main() -> Any:
        return remote.hog_alone.submit().result() if submitted else remote.hog_alone()

    with pytest.raises(TaskTimeout, match="'hog_alone' ran longer than its timeout"):
        main()
    assert records.run.task("hog_alone").states[-1] == ("failed", "TimedOut")


@pytest.mark.parametrize("submitted", [False, True])
def test_a_crash_is_the_tasks_alone(records: Harness, submitted: bool) -> None:
    unlucky = remote.die_first.with_options(isolation="process", retries=1)
    lost = remote.die.with_options(isolation="process")

    @flow
    def main() -> str:
        with pytest.raises(TaskCrashed, match="SIGSEGV"):
            lost.submit("SIGSEGV").result() if submitted else lost("SIGSEGV")
        answer: str = unlucky.submit("SIGKILL").result() if submitted else unlucky("SIGKILL")
        return answer

    assert main() == "alive"
    assert [step.state for step in records.run.tasks] == ["crashed", "completed"]


@pytest.mark.timeout(60, method="thread")  # SIGALRM belongs to the flow's own timeout
def test_a_flow_that_is_over_stops_a_direct_call(records: Harness) -> None:
    alone = remote.sleep_alone

    @flow(timeout_seconds=1.0)
    def main() -> None:
        alone()

    with pytest.raises(FlowTimeout):
        main()
    assert records.run.task("sleep_alone").state == "cancelled"


@pytest.mark.timeout(60, method="thread")
def test_a_call_inside_a_task_on_a_thread_is_stopped_too(records: Harness) -> None:
    alone = remote.sleep_alone
    left = threading.Event()

    @task
    def around() -> None:
        try:
            alone()
        finally:
            left.set()

    @flow(timeout_seconds=1.0, task_runner=ThreadPoolTaskRunner(1))
    def main() -> None:
        around.submit().result()

    with pytest.raises(FlowTimeout):
        main()
    assert left.wait(10)


def test_what_does_not_pickle_is_refused_when_it_is_called(records: Harness) -> None:
    alone = remote.take.with_options(isolation="process")

    @flow
    def main() -> None:
        with pytest.raises(NotSendable, match="argument 'value' of task 'take'"):
            alone(threading.Lock())
        with pytest.raises(NotSendable, match="argument 'value' of task 'take'"):
            alone.submit(threading.Lock())

    main()


def test_only_processes_isolate() -> None:
    with pytest.raises(ConfigurationError, match="isolation is 'thread'"):
        task(isolation="thread")(lambda: None)  # type: ignore[call-overload]


def test_a_generator_is_not_isolated() -> None:
    def values() -> Any:
        yield 1

    with pytest.raises(ConfigurationError, match="a generator task cannot have isolation"):
        task(isolation="process")(values)
