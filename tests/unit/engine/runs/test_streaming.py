"""Generator flows and tasks: values one by one where they are called, in a list where they are submitted."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from turnout import flow, runtime, task
from turnout.core.errors import TaskTimeout
from turnout.engine.context.scopes import Root
from turnout.engine.journal.spool import MemoryJournal
from turnout.testing import Harness, RecordedTask


@task
def count(to: int) -> Iterator[int]:
    yield from range(to)
    return "the end"


@task
async def acount(to: int) -> AsyncIterator[int]:
    for number in range(to):
        await asyncio.sleep(0)
        yield number


@task
def double(x: int) -> int:
    return 2 * x


def states(told: RecordedTask) -> list[str]:
    return [state for state, *_ in told.states]


def test_values_come_one_by_one(records: Harness) -> None:
    seen: list[Any] = []

    @task
    def speaking() -> Iterator[int]:
        seen.append("begin")
        yield 1
        seen.append("middle")
        yield 2
        seen.append("end")

    @flow
    def main() -> list[Any]:
        for value in speaking():
            seen.extend([value])
        return seen

    assert main() == ["begin", 1, "middle", 2, "end"]
    assert states(records.run.task("speaking#0")) == ["running", "completed"]


def test_between_two_values_the_caller_is_in_its_own_run(records: Harness) -> None:
    @task
    def inside() -> Iterator[str | None]:
        yield runtime.task_run.name
        yield runtime.task_run.name

    @flow
    def main() -> list[Any]:
        return [(name, runtime.task_run.name, double(number)) for number, name in enumerate(inside())]

    assert main() == [("inside", None, 0), ("inside", None, 2)]
    assert [each.parent for each in records.run.tasks] == [0, 0, 0]


def test_what_it_returns_ends_the_iteration(records: Harness) -> None:
    @flow
    def main() -> Any:
        values = count(1)
        next(values)
        with pytest.raises(StopIteration) as end:
            next(values)
        return end.value.value

    assert main() == "the end"


def test_submitted_and_mapped_it_gives_a_list(records: Harness) -> None:
    @flow
    def main() -> Any:
        first = count.submit(3)
        return double.map(first).result(), count.map([1, 2]).result(), acount.submit(2).result()

    assert main() == ([0, 2, 4], [[0], [0, 1]], [0, 1])


def test_a_state_holds_all_values(records: Harness) -> None:
    @flow
    def main() -> Any:
        return count(2, return_state=True).result()

    assert main() == [0, 1]


def test_left_half_read_it_completes_and_its_finally_runs(records: Harness) -> None:
    ended: list[str] = []

    @task
    def long(name: str) -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            ended.append(name)

    kept: list[Any] = []

    @flow
    def main() -> int:
        next(long("dropped"))
        gc.collect()
        assert ended == ["dropped"]
        kept.append(long("kept"))  # outlives the flow
        return next(kept[0])

    assert main() == 0
    assert ended == ["dropped", "kept"]
    assert [states(each) for each in records.run.tasks] == [["running", "completed"]] * 2
    assert list(kept[0]) == []


def test_one_that_nobody_reads_never_ran(records: Harness) -> None:
    @flow
    def main() -> None:
        count(3)

    main()
    assert records.run.tasks == []


def test_a_failure_in_the_middle_is_raised_and_recorded(records: Harness) -> None:
    @task
    def breaks() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    @flow
    def main() -> list[int]:
        values = breaks()
        got = [next(values)]
        with pytest.raises(ValueError, match="no more"):
            next(values)
        return got

    assert main() == [1]
    assert states(records.run.task("breaks#0")) == ["running", "failed"]


def test_a_retry_begins_again(records: Harness) -> None:
    tries: list[int] = []

    @task(retries=1)
    def flaky() -> Iterator[int]:
        tries.append(1)
        yield len(tries)
        if len(tries) == 1:
            raise ValueError("once")
        yield 99

    @flow
    def main() -> list[int]:
        return list(flaky())

    assert main() == [1, 2, 99]


def test_a_timeout_counts_only_its_own_time(records: Harness) -> None:
    import time

    @task(timeout_seconds=0.2)
    def slow() -> Iterator[int]:
        yield 1
        while True:
            time.sleep(0.01)

    @flow
    def main() -> None:
        values = slow()
        next(values)
        time.sleep(0.3)  # the caller's
        with pytest.raises(TaskTimeout):
            next(values)

    main()
    assert records.run.task("slow#0").states[-1][0] == "failed"


def test_a_generator_can_be_sent_to_and_thrown_into(records: Harness) -> None:
    @task
    def echo() -> Iterator[Any]:
        heard: Any = "ready"
        while True:
            try:
                heard = yield heard
            except KeyError as error:
                heard = f"caught {error.args[0]}"

    @flow
    def main() -> list[Any]:
        values: Any = echo()
        return [next(values), values.send("a"), values.throw(KeyError("b")), values.send("c")]

    assert main() == ["ready", "a", "caught b", "c"]


def test_a_generator_flow_is_recorded_as_it_goes(records: Harness) -> None:
    @flow
    def numbers(to: int) -> Iterator[int]:
        for number in range(to):
            yield double(number)

    assert list(numbers("3")) == [0, 2, 4]  # type: ignore[arg-type]
    assert records.run.state == "completed"
    assert len(records.run.tasks) == 3
    assert numbers(2, return_state=True).result() == [0, 2]


def test_a_generator_flow_in_a_flow(records: Harness) -> None:
    @flow
    def inner() -> Iterator[int]:
        yield double(1)
        yield double(2)

    @flow
    def main() -> list[int]:
        return [value + double(0) for value in inner()]

    assert main() == [2, 4]
    assert [(each.name, each.state) for each in records.run.tasks if each.kind == "flow"] == [("inner", "completed")]


def test_async_generators(records: Harness) -> None:
    ended: list[str] = []

    @task
    async def long() -> AsyncIterator[str | None]:
        try:
            while True:
                await asyncio.sleep(0)
                yield runtime.task_run.name
        finally:
            ended.append("long")

    @flow
    async def numbers() -> AsyncIterator[int]:
        async for number in acount(3):
            yield number

    @flow
    async def main() -> Any:
        async for name in long():
            assert (name, runtime.task_run.name) == ("long", None)
            break
        got = [number async for number in acount(3)]
        return got, [number async for number in numbers()]

    assert asyncio.run(main()) == ([0, 1, 2], [0, 1, 2])
    assert ended == ["long"]
    assert {each.state for each in records.run.tasks} == {"completed"}


def test_a_generator_that_plain_code_returns_becomes_a_list(records: Harness) -> None:
    @task
    def lazily() -> Iterator[str | None]:
        return (runtime.task_run.name for _ in range(2))

    @flow
    def main() -> Any:
        return lazily(), lazily.submit().result()

    assert main() == (["lazily"] * 2, ["lazily"] * 2)


def test_a_run_that_left_a_generator_half_read_is_resumed_from_its_beginning(records: Harness) -> None:
    @flow
    def main() -> list[int]:
        return list(count(2))

    main()
    assert records.run.task("count#0").facts["result"].keys() == {"unstored"}


def test_methods_and_outside_of_flows() -> None:
    class Source:
        base = 10

        @task
        def values(self) -> Iterator[int]:
            yield self.base
            yield self.base + 1

    assert list(Source().values()) == [10, 11]
    assert count.isgenerator
    assert not double.isgenerator


def test_a_worker_takes_all_values_of_a_generator_flow() -> None:
    @flow
    def numbers(to: int) -> Iterator[int]:
        for number in range(to):
            yield double(number)

    root = Root(journal=MemoryJournal(), run_id="0" * 32, digests=True)
    state = numbers.run_in(root, {"to": 3})
    assert (state.type, state.data) == ("completed", [0, 2, 4])
