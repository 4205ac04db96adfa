"""What Prefect 3.9 was seen to do, probe by probe: it holds here with the strict switch, and but for the rows of
docs/reference/differences-from-prefect.md without it too."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from turnout import allow_failure, flow, get_run_logger, runtime, tags, task, unmapped
from turnout.exceptions import (
    CancelledRun,
    MappingLengthMismatch,
    MissingContextError,
    ParameterTypeError,
    TaskRunTimeoutError,
)
from turnout.states import Cancelled, Completed, Failed, State
from turnout.testing import Harness

both = pytest.fixture(params=["strict", "default"])


@both
def manner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, records: Harness) -> str:
    monkeypatch.setenv("TURNOUT_STRICT", "1" if request.param == "strict" else "0")
    return str(request.param)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, records: Harness) -> None:
    monkeypatch.setenv("TURNOUT_STRICT", "1")


@task
def fails() -> None:
    raise ValueError("broken")


@task
def add(a: int, b: int = 0) -> int:
    return a + b


@task
async def aadd(a: int, b: int = 0) -> int:
    await asyncio.sleep(0)
    return a + b


def test_an_unread_failure_is_silent(strict: None) -> None:
    @flow
    def main() -> None:
        fails.submit()

    assert main(return_state=True).name == "Completed"


@pytest.mark.parametrize(("returned", "message"), [("future", "1/1 states failed."), ("list", "1/2 states failed.")])
def test_a_returned_failed_future_fails_the_flow(manner: str, returned: str, message: str) -> None:
    @flow
    def main() -> Any:
        future = fails.submit()
        return future if returned == "future" else [future, add.submit(1)]

    state = main(return_state=True)
    assert (state.is_failed(), state.message) == (True, message)
    with pytest.raises(ValueError, match="broken"):
        main()


def test_a_caught_failure_is_none(manner: str) -> None:
    @flow
    def main() -> str:
        try:
            fails()
        except ValueError:
            return "caught"
        return "missed"

    assert main() == "caught"


def test_downstream_of_a_failure_is_not_ready(strict: None) -> None:
    @flow
    def main() -> Any:
        upstream = fails.submit()
        future = add.submit(upstream).wait()
        assert (future.state.type, future.state.name) == ("pending", "NotReady")
        said = f"Upstream task run '{upstream.task_run_id}' did not reach a 'COMPLETED' state."
        assert future.state.message == said
        return future

    state = main(return_state=True)
    assert (state.is_failed(), state.message) == (True, "1/1 states are not final.")


def test_allow_failure_hands_over_the_exception(manner: str) -> None:
    @task
    def kind(error: object) -> str:
        return type(error).__name__

    @flow
    def main() -> str:
        return kind.submit(allow_failure(fails.submit())).result()

    assert main() == "ValueError"


def test_an_async_task_in_a_sync_flow(manner: str) -> None:
    @flow
    def main() -> Any:
        return aadd.submit(1, 2).result(), aadd(3, 4)

    assert main() == (3, 7)


def test_a_sync_task_in_an_async_flow(manner: str) -> None:
    @flow
    async def main() -> Any:
        return add(1, 2), add.submit(3, 4).result()

    assert asyncio.run(main()) == (3, 7)


def test_map_gives_states_or_values(manner: str) -> None:
    @flow
    def main() -> Any:
        states: Any = add.map([1, 2, 3], b=unmapped(10), return_state=True)
        assert type(states) is list
        return [state.name for state in states], add.map([1, 2, 3], b=unmapped(10)).result()

    assert main() == (["Completed"] * 3, [11, 12, 13])


def test_map_over_unequal_lengths(manner: str) -> None:
    @flow
    def main() -> None:
        add.map([1, 2], [1, 2, 3])

    with pytest.raises(MappingLengthMismatch):
        main()


def test_a_nested_future_becomes_its_value(manner: str) -> None:
    @task
    def total(values: Any) -> int:
        return sum(values["these"]) + values["one"]

    @flow
    def main() -> int:
        return total({"these": [add.submit(1), add.submit(2)], "one": add.submit(3)})

    assert main() == 6


def test_parameters_are_coerced_or_refused(manner: str) -> None:
    @flow
    def main(number: int) -> int:
        return number

    assert main("5") == 5  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError):
        main("abc")  # type: ignore[arg-type]


def test_the_run_logger_needs_a_run(strict: None) -> None:
    with pytest.raises(MissingContextError):
        get_run_logger()


def test_a_task_outside_a_flow(manner: str) -> None:
    assert add(1, 2) == 3
    with pytest.raises(RuntimeError):
        add.submit(1, 2)


def test_retries_until_it_works(manner: str) -> None:
    tries: list[int] = []

    @task(retries=2)
    def flaky() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError
        return len(tries)

    @flow
    def main() -> int:
        return flaky()

    assert main() == 3


def test_a_persisted_result_is_cached(manner: str) -> None:
    from turnout.cache_policies import INPUTS

    calls: list[int] = []

    @task(cache_policy=INPUTS, persist_result=True)
    def slow(x: int) -> int:
        calls.append(x)
        return x

    @flow
    def main() -> Any:
        slow(987_654)
        return slow(987_654, return_state=True).name

    assert (main(), calls) == ("Cached", [987_654])


def test_nothing_is_cached_unasked(manner: str) -> None:
    calls: list[int] = []

    @task
    def slow(x: int) -> None:
        calls.append(x)

    @flow
    def main() -> None:
        slow(1)
        slow(1)

    main()
    assert calls == [1, 1]


def test_returned_states_are_the_flows(manner: str) -> None:
    @flow
    def main(state: Any) -> Any:
        return state

    assert main(Completed(data=3)) == 3
    assert main(Failed(message="no"), return_state=True).is_failed()
    with pytest.raises(CancelledRun):
        main(Cancelled())


def test_a_direct_call_is_timed_out(manner: str) -> None:
    release = threading.Event()

    @task(timeout_seconds=0.2)
    def slow() -> None:
        while not release.wait(0.01):  # in one wait, the alarm that the test's own timeout holds could not come through
            pass

    @flow
    def main() -> None:
        slow()

    with pytest.raises(TaskRunTimeoutError):
        main()
    assert not release.is_set()


def test_a_submitted_task_is_timed_out_only_when_its_code_is_done(strict: None) -> None:
    release, began = threading.Event(), threading.Event()

    @task(timeout_seconds=0.1)
    def slow() -> None:
        began.set()
        release.wait(20)

    @flow
    def main() -> None:
        future = slow.submit()
        assert began.wait(20)
        assert not future.wait(1).done()
        release.set()
        with pytest.raises(TaskRunTimeoutError):
            future.result()

    main()


def test_names_tags_and_runtime(manner: str) -> None:
    @task(task_run_name="load-{x}", tags=["a"])
    def load(x: int) -> Any:
        return runtime.task_run.name, sorted(runtime.task_run.tags), runtime.flow_run.name

    @flow(flow_run_name="nightly-{x}")
    def main(x: int) -> Any:
        with tags("z"):
            return load(x)

    assert main(3) == ("load-3", ["a", "z"], "nightly-3")


def test_a_subflow(manner: str) -> None:
    @flow
    def inner() -> int:
        return 3

    @flow
    def main() -> Any:
        state: Any = inner(return_state=True)
        assert isinstance(state, State)
        return inner(), state.name

    assert main() == (3, "Completed")


def test_a_generator_task_is_iterable(manner: str) -> None:
    @task
    def numbers() -> Iterator[int]:
        yield from (1, 2, 3)

    @flow
    def main() -> list[int]:
        return [number * 10 for number in numbers()]

    assert main() == [10, 20, 30]


def test_default_names(manner: str) -> None:
    @flow
    def load_people() -> None: ...
    @task
    def load_one() -> None: ...

    assert (load_people.name, load_one.name) == ("load-people", "load_one")
    assert flow(lambda: None).name == "unknown-lambda"


def test_a_hook_is_given_flow_run_and_state(manner: str) -> None:
    told: list[Any] = []

    def done(*given: Any) -> None:
        told.append([type(each).__name__ for each in given])

    @flow(on_completion=[done])
    def main() -> None: ...

    main()
    assert told == [["Flow", "FlowRun", "State"]]


def test_a_failed_transaction_is_rolled_back(manner: str) -> None:
    from turnout.transactions import transaction

    back: list[str] = []

    @task
    def write() -> None: ...

    @write.on_rollback
    def undo(_txn: Any) -> None:
        back.append("undone")

    @flow
    def main() -> None:
        with transaction():
            write()
            raise ValueError("after")

    assert main(return_state=True).is_failed()
    assert back == ["undone"]
