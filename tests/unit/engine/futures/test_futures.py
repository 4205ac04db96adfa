import asyncio
import threading
from typing import Any

import pytest

from turnout import flow, task, unmapped
from turnout.core.errors import ConfigurationError, RunError
from turnout.engine.futures.futures import Future, Latch
from turnout.futures import as_completed, resolve_futures_to_results, resolve_futures_to_states, wait
from turnout.states import Completed, Failed
from turnout.task_runners import ConcurrentTaskRunner, ThreadPoolTaskRunner
from turnout.testing import Harness
from turnout.utilities.annotations import freeze, opaque, quote

ONE = ThreadPoolTaskRunner(max_workers=1)


@task
def echo(x: Any) -> Any:
    return x


def test_a_latch_happens_once() -> None:
    latch, calls = Latch(), []
    latch.when_done(lambda: calls.append("early"))
    assert not latch.block(0)
    assert latch.set()
    assert not latch.set()
    latch.when_done(lambda: calls.append("late"))
    assert latch.block(0)
    assert calls == ["early", "late"]


def test_the_first_outcome_stands() -> None:
    future: Future[int] = Future("f", 1, "run-1")
    assert not future.done()
    assert future.resolve(Completed(data=1))
    assert not future.resolve(Failed(message="late"))
    assert future.result() == 1
    assert future.task_run_id == "run-1-1"


def test_result_times_out_and_can_be_asked_again(records: Harness) -> None:
    go = threading.Event()

    @task
    def slow() -> int:
        assert go.wait(30)
        return 3

    @flow
    def main() -> int:
        future = slow.submit()
        with pytest.raises(TimeoutError, match="slow"):
            future.result(timeout=0.01)
        with pytest.raises(TimeoutError):
            next(as_completed([future], timeout=0.01))
        assert wait([future], timeout=0.01).not_done == {future}
        assert future.state.is_pending()
        go.set()
        return future.result()

    assert main() == 3


def test_as_completed_yields_in_order_of_ending(records: Harness) -> None:
    gates = [threading.Event() for _ in range(3)]

    @task
    def gated(n: int) -> int:
        assert gates[n].wait(30)
        return n

    @flow
    def main() -> list[int]:
        futures = gated.map([0, 1, 2])
        order = []
        gates[2].set()
        for future in as_completed(futures):
            order.append(future.result())
            gates[len(order) - 1 if len(order) < 3 else 0].set()
        return order

    assert main() == [2, 0, 1]


def test_done_callbacks_get_the_future(records: Harness) -> None:
    got: list[Any] = []

    @flow
    def main() -> None:
        future = echo.submit(1)
        future.add_done_callback(got.append)
        future.wait()
        assert wait([future]).done == {future}

    main()
    assert [future.result() for future in got] == [1]


@pytest.mark.parametrize("depth", [1, 5, 30])
def test_a_pool_of_one_cannot_deadlock_on_nested_submits(records: Harness, depth: int) -> None:
    @task
    def nest(n: int) -> int:
        return n if n == 0 else nest.submit(n - 1).result() + 1

    @flow(task_runner=ONE)
    def main() -> list[int]:
        return nest.map([depth, depth]).result()

    assert main() == [depth, depth]


def test_a_pool_of_one_cannot_deadlock_on_waits_of_any_kind(records: Harness) -> None:
    @task
    def fan(how: str) -> int:
        futures = echo.map([1, 2, 3])
        if how == "as_completed":
            return sum(future.result() for future in as_completed(futures))
        if how == "wait":
            wait(futures)
            return sum(future.result() for future in futures)
        if how == "argument":
            return sum(echo(futures))
        return sum(futures.result())

    @flow(task_runner=ONE)
    def main() -> list[int]:
        return fan.map(["as_completed", "wait", "argument", "result"]).result()

    assert main() == [6, 6, 6, 6]


def test_async_tasks_in_a_pool_of_one_cannot_deadlock(records: Harness) -> None:
    @task
    async def nest(n: int) -> int:
        return n if n == 0 else 1 + await nest.submit(n - 1)

    @task
    async def mixed(n: int) -> int:
        return await echo.submit(n) + sum(await echo.map([n, n]))

    @task
    def from_sync(n: int) -> int:
        return nest.submit(n).result() + nest(1)

    @flow(task_runner=ONE)
    def main() -> list[int]:
        return [nest.submit(5).result(), mixed.submit(2).result(), from_sync.submit(2).result()]

    assert main() == [5, 6, 3]


def test_blocking_the_loop_that_runs_it_is_refused(records: Harness) -> None:
    @task
    async def inner() -> int:
        return 1

    @task
    async def outer() -> int:
        return inner.submit().result()

    @flow
    def main() -> None:
        outer.submit().result()

    with pytest.raises(RunError, match="await future"):
        main()


def test_max_workers_is_a_limit_for_threads_and_for_async_tasks(records: Harness) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def enter() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])

    def leave() -> None:
        with lock:
            running[0] -= 1

    @task
    def sync_work(_: int) -> None:
        enter()
        threading.Event().wait(0.002)
        leave()

    @task
    async def async_work(_: int) -> None:
        enter()
        await asyncio.sleep(0.002)
        leave()

    @flow(task_runner=ConcurrentTaskRunner(max_workers=3))
    def main(work: Any) -> None:
        work.map(range(30)).wait()

    main.fn.__annotations__.clear()
    for work in (sync_work, async_work):
        most[0] = 0
        main(work)
        assert 1 <= most[0] <= 3


def test_a_pool_of_one_keeps_the_order(records: Harness) -> None:
    order: list[int] = []

    @task
    def note(n: int) -> None:
        order.append(n)

    @flow(task_runner=ONE)
    def main() -> None:
        note.map(range(50))

    main()
    assert order == list(range(50))


def test_a_chain_and_a_wide_map_leave_nothing_open(records: Harness) -> None:
    @flow
    def main() -> int:
        future = echo.submit(0)
        for _ in range(500):
            future = echo.submit(future)
        wide = echo.map(range(2000))
        assert wide.result() == list(range(2000))
        return future.result()

    assert main() == 0
    assert {task.state for task in records.run.tasks} == {"completed"}


def test_a_failure_runs_down_a_chain(records: Harness) -> None:
    @task
    def fail() -> None:
        raise ValueError("no")

    @flow
    def main() -> list[str]:
        future = fail.submit()
        for _ in range(1500):  # deeper than the stack: completion must not recurse
            future = echo.submit(future)
        future.result(raise_on_failure=False)
        return "fine"

    main.fn.__annotations__.clear()
    assert main() == "fine"


@pytest.mark.parametrize("workers", [0, -1])
def test_a_pool_without_workers_is_refused(workers: int) -> None:
    with pytest.raises(ConfigurationError):
        ThreadPoolTaskRunner(max_workers=workers)


def test_futures_in_anything_become_states_or_values(records: Harness) -> None:
    @task
    def echo(x: int) -> int:
        return x

    @flow
    def main() -> Any:
        nested = {"one": echo.submit(1), "many": [echo.submit(2), (echo.submit(3), 4)], "kept": quote(echo.submit(5))}
        states = resolve_futures_to_states(nested)
        values = resolve_futures_to_results(nested)
        kept = values.pop("kept")
        return [states["one"].name, states["many"][0].data], values, type(kept).__name__, resolve_futures_to_results(7)

    assert main() == (["Completed", 2], {"one": 1, "many": [2, (3, 4)]}, "quote", 7)


def test_marks_on_arguments(records: Harness) -> None:
    @task
    def kinds(*values: Any) -> list[str]:
        return [type(value).__name__ for value in values]

    @flow
    def main() -> Any:
        future = kinds.submit()
        return kinds(quote(future), opaque(future), freeze(3), unmapped(future))

    assert main() == ["Future", "Future", "int", "list"]
    assert (quote(1).unquote(), freeze(2).unfreeze(), opaque(3).unwrap(), unmapped(4).rewrap(5).value) == (1, 2, 3, 5)
    assert quote(1) == quote(1) != opaque(1)
    assert len({quote(1), quote(1), opaque(1)}) == 2
