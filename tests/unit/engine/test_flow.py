import asyncio
import sys
import threading
from typing import Any

import pytest

from turnout import flow, get_run_logger, runtime, task
from turnout.core.errors import FlowRunFailed, ParameterError, RunCancelled
from turnout.futures import as_completed
from turnout.states import Cancelled, Completed, Failed
from turnout.testing import Harness


@task
def fail(message: str = "no") -> None:
    raise ValueError(message)


@task
def one() -> int:
    return 1


def test_an_unread_failed_task_fails_the_flow(records: Harness) -> None:
    @flow
    def main() -> str:
        fail.submit()
        return "done"

    with pytest.raises(FlowRunFailed, match="'fail'") as caught:
        main()
    assert isinstance(caught.value.__cause__, ValueError)
    assert records.run.states[-1] == ("failed", "Failed")
    assert "'fail' (ValueError: no)" in (records.run.reason or "")


@pytest.mark.parametrize(
    "read",
    [
        lambda future: future.result(raise_on_failure=False),
        lambda future: future.wait().state,
        lambda future: as_completed([future]).__next__().result(raise_on_failure=False),
    ],
)
def test_reading_a_failed_task_is_seeing_it(records: Harness, read: Any) -> None:
    @flow
    def main() -> str:
        read(fail.submit())
        return "done"

    assert main() == "done"


def test_waiting_alone_is_not_reading(records: Harness) -> None:
    @flow
    def main() -> None:
        fail.submit().wait()

    with pytest.raises(FlowRunFailed):
        main()


def test_reading_downstream_reads_upstream(records: Harness) -> None:
    @task
    def after(_: Any) -> None: ...

    @flow
    def main(read: bool) -> None:
        future = after.submit(fail.submit())
        if read:
            future.result(raise_on_failure=False)

    main(True)
    with pytest.raises(FlowRunFailed, match="2 tasks"):
        main(False)


def test_returned_failures_fail_the_flow(records: Harness) -> None:
    @flow
    def alone() -> Any:
        return fail.submit()

    @flow
    def among() -> Any:
        return [one.submit(), fail.submit()]

    @flow
    def states() -> Any:
        return {"a": one(return_state=True), "b": fail(return_state=True)}

    for function, reason in ((alone, "1/1"), (among, "1/2"), (states, "1/2")):
        with pytest.raises(ValueError, match="no"):
            function()
        assert records.run.reason == f"{reason} states failed."


def test_returned_futures_become_values(records: Harness) -> None:
    @flow
    def main(shape: str) -> Any:
        future = one.submit()
        return {"one": future, "list": [future, 2], "dict": {"a": future}}[shape]

    assert [main("one"), main("list"), main("dict")] == [1, [1, 2], {"a": 1}]


def test_returned_states_are_honoured(records: Harness) -> None:
    @flow
    def main(which: str) -> Any:
        return {"good": Completed(data=3), "bad": Failed(message="broken"), "off": Cancelled(message="enough")}[which]

    assert main("good") == 3
    with pytest.raises(FlowRunFailed, match="broken"):
        main("bad")
    with pytest.raises(RunCancelled, match="enough"):
        main("off")
    assert [run.state for run in records.runs] == ["completed", "failed", "cancelled"]


def test_the_flow_waits_for_what_it_submitted(records: Harness) -> None:
    released = threading.Event()

    @task
    def slow() -> None:
        assert released.wait(30)

    @flow
    def main() -> None:
        slow.submit()
        threading.Timer(0.05, released.set).start()

    main()
    assert records.run.tasks[0].state == "completed"


def test_a_failing_flow_cancels_what_has_not_started(records: Harness) -> None:
    from turnout.task_runners import ThreadPoolTaskRunner

    started, go = threading.Event(), threading.Event()

    @task
    def slow() -> None:
        started.set()
        assert go.wait(30)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def main() -> None:
        slow.submit()
        one.submit()
        assert started.wait(30)
        threading.Timer(0.05, go.set).start()
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        main()
    assert [task.state for task in records.run.tasks] == ["completed", "cancelled"]


def test_retries_run_the_whole_flow_again(records: Harness) -> None:
    tries: list[int] = []

    @flow(retries=2)
    def main() -> int:
        tries.append(runtime.flow_run.run_count)
        one()
        if len(tries) < 3:
            raise ValueError("not yet")
        return 5

    assert main() == 5
    assert tries == [1, 2, 3]
    assert records.run.states == [("running", "Running"), ("completed", "Completed")]
    assert [task.key for task in records.run.tasks] == ["one#0"] * 3


def test_subflows_are_recorded_inside(records: Harness) -> None:
    @flow(flow_run_name="inner-{x}")
    def inner(x: int) -> int:
        return one() + x

    @flow
    def main() -> int:
        return inner("4") + inner(one.submit())

    assert main() == 7
    assert len(records.runs) == 1
    kinds = [(task.kind, task.key, task.name) for task in records.run.tasks]
    assert kinds == [
        ("flow", "inner#0", "inner-4"),
        ("task", "inner#0/one#0", "one"),
        ("task", "one#0", "one"),
        ("flow", "inner#1", "inner-1"),
        ("task", "inner#1/one#0", "one"),
    ]


def test_a_failing_subflow_can_be_caught_and_retried(records: Harness) -> None:
    calls: list[int] = []

    @flow(retries=1)
    def inner() -> None:
        calls.append(1)
        raise ValueError("inner")

    @flow
    def main() -> str:
        with pytest.raises(ValueError, match="inner"):
            inner()
        return inner(return_state=True).type

    assert main() == "failed"
    assert records.run.tasks[0].states == [
        ("running", "Running"),
        ("scheduled", "AwaitingRetry"),
        ("running", "Running"),
        ("failed", "Failed"),
    ]
    assert len(calls) == 4


def test_async_subflows_and_sync_subflows_in_async_flows(records: Harness) -> None:
    @flow
    async def inner(x: int) -> int:
        await asyncio.sleep(0)
        return x + one()

    @flow
    def sync_inner(x: int) -> int:
        return x * 2

    @flow
    async def main() -> list[int]:
        return [*await asyncio.gather(inner(1), inner(2)), sync_inner(3)]

    @flow
    def sync_main() -> int:
        return asyncio.run(inner(1))

    assert asyncio.run(main()) == [2, 3, 6]
    assert sync_main() == 2


def test_parameters_are_refused_before_a_run_is_made(records: Harness) -> None:
    @flow
    def main(count: int) -> int:
        return count

    assert main("5") == 5
    with pytest.raises(ParameterError, match="'count' is 'abc'"):
        main("abc")
    assert len(records.runs) == 1
    assert records.run.header["parameters"] == {"count": 5}


def test_hooks_of_every_kind(records: Harness) -> None:
    seen: list[tuple[str, str, str]] = []

    def note(event: str) -> Any:
        return lambda flow, run, state: seen.append((event, run.flow_name, state.type))

    @flow(
        on_completion=[note("completion")], on_failure=[note("failure")], on_running=[note("running")],
        on_cancellation=[note("cancellation")], on_crashed=[note("crashed")],
    )  # fmt: skip
    def main(end: Any) -> Any:
        if isinstance(end, BaseException):
            raise end
        return end

    main(1)
    for end, error in ((ValueError(), ValueError), (Cancelled(), RunCancelled), (SystemExit(3), SystemExit)):
        with pytest.raises(error):
            main(end)
    assert [event for event, _, _ in seen if event != "running"] == [
        "completion", "failure", "cancellation", "failure", "crashed",
    ]  # fmt: skip
    assert [event for event, _, _ in seen].count("running") == 4


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SystemExit(3), "failed"),
        (SystemExit(0), "completed"),
        (SystemExit(), "completed"),
        (KeyboardInterrupt(), "cancelled"),
    ],
)
def test_what_is_not_an_exception_goes_on_and_is_recorded(records: Harness, error: BaseException, state: str) -> None:
    @flow
    def main() -> None:
        raise error

    with pytest.raises(type(error)):
        main()
    assert records.run.state == state
    assert records.run.ended


def test_exit_in_a_submitted_task_is_its_failure(records: Harness) -> None:
    @task
    def leave() -> None:
        sys.exit(4)

    @flow
    def main() -> str:
        return leave.submit().wait().state.type

    assert main() == "failed"


def test_runtime_tells_what_runs(records: Harness) -> None:
    assert runtime.flow_run.id is None

    @task
    def look() -> tuple[Any, ...]:
        return runtime.task_run.name, runtime.flow_run.flow_name, runtime.task_run.run_count

    @flow
    def my_flow(x: int) -> tuple[Any, ...]:
        assert runtime.flow_run.id == records.run.header["run"]
        return runtime.flow_run.parameters, runtime.flow_run.name, look()

    assert my_flow(1) == ({"x": 1}, records.run.header["run_name"], ("look", "my-flow", 1))


def test_flows_in_threads_of_the_user_are_runs_of_their_own(records: Harness) -> None:
    @flow
    def main(x: int) -> int:
        get_run_logger().info("x is %s", x)
        return one() + x

    threads = [threading.Thread(target=main, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records.runs) == 4
    assert all(run.messages == [f"x is {run.header['parameters']['x']}"] for run in records.runs)
