import asyncio
from typing import Any

import pytest

from turnout import allow_failure, flow, get_run_logger, tags, task, unmapped
from turnout.core.errors import (
    ConfigurationError,
    MappingLengthMismatch,
    MissingContext,
    ResultUnavailable,
    UpstreamFailed,
)
from turnout.engine.futures.arguments import quote
from turnout.states import Completed, Failed, State
from turnout.testing import Harness


@task
def double(x: int) -> int:
    return 2 * x


@task
def fail(message: str = "no") -> None:
    raise ValueError(message)


def test_a_direct_call_is_two_entries(records: Harness) -> None:
    @flow
    def main() -> int:
        return double(4)

    assert main() == 8
    task_run = records.run.task("double#0")
    assert task_run.states == [("running", "Running"), ("completed", "Completed")]
    assert task_run.result == 8
    assert records.run.states == [("running", "Running"), ("completed", "Completed")]
    assert records.run.ended


def test_a_task_outside_a_flow_is_a_function() -> None:
    assert double(3) == 6
    assert double.fn(3) == 6
    with pytest.raises(ValueError, match="no"):
        fail()


@pytest.mark.parametrize("call", [lambda: double.submit(1), lambda: double.map([1])])
def test_submit_outside_a_flow_says_what_to_do(call: Any) -> None:
    with pytest.raises(MissingContext, match="call double"):
        call()


def test_return_state_gives_the_state_and_raises_nothing(records: Harness) -> None:
    @flow
    def main() -> tuple[str, str, int]:
        bad, good = fail(return_state=True), double(2, return_state=True)
        assert isinstance(bad.error, ValueError)
        return bad.type, good.type, good.result()

    assert main() == ("failed", "completed", 4)


def test_a_failure_that_the_flow_catches_stays_green(records: Harness) -> None:
    @flow
    def main() -> str:
        try:
            fail()
        except ValueError:
            return "caught"
        return "not raised"

    assert main() == "caught"
    failed = records.run.task("fail#0")
    assert failed.reason == "ValueError: no"
    assert failed.facts["error"]["type"] == "ValueError"
    assert "raise ValueError(message)" in failed.facts["error"]["traceback"]


def test_a_task_returns_a_state(records: Harness) -> None:
    @task
    def judge(ok: bool) -> Any:
        return Completed(data=7, message="fine") if ok else Failed(message="not today")

    @flow
    def main() -> tuple[int, State]:
        return judge(True), judge(False, return_state=True).reason

    assert main() == (7, "not today")
    assert [task.reason for task in records.run.tasks] == ["fine", "not today"]


def test_names_come_from_templates_and_tags_from_context(records: Harness) -> None:
    @task(task_run_name="load-{table}-{size}", tags=["io"])
    def load(table: str, size: int = 3) -> None: ...

    @flow
    def main() -> None:
        with tags("nightly"):
            load("people")
        load("votes", size=1)

    main()
    first, second = records.run.tasks
    assert (first.name, first.tags) == ("load-people-3", ("io", "nightly"))
    assert (second.name, second.tags, second.key) == ("load-votes-1", ("io",), "load#1")


def test_a_template_that_does_not_fit_names_the_parameters(records: Harness) -> None:
    @task(task_run_name="{nobody}")
    def load(table: str) -> None: ...

    @flow
    def main() -> None:
        load("people")

    with pytest.raises(ConfigurationError, match="table"):
        main()


def test_submit_resolves_futures_wherever_they_are(records: Harness) -> None:
    seen: list[Any] = []

    @task
    def take(*args: Any, **kwargs: Any) -> None:
        seen.append((args, kwargs))

    @flow
    def main() -> None:
        one, two = double.submit(1), double.submit(2)
        take.submit(one, [two, {"deep": (one, {"x"})}], key={1: two}).result()
        take(one, [two])

    main()
    assert seen == [((2, [4, {"deep": (2, {"x"})}]), {"key": {1: 4}}), ((2, [4]), {})]
    assert [task.upstream for task in records.run.tasks] == [(), (), (1, 2), (1, 2)]


def test_arguments_without_futures_are_the_same_objects(records: Harness) -> None:
    rows = [{"a": [1, 2]}, {"b": (3,)}]
    seen: list[Any] = []

    @task
    def take(value: Any, other: Any) -> None:
        seen.append(value)

    @flow
    def main() -> None:
        take.submit(rows, double.submit(1)).result()
        take(rows, 1)

    main()
    assert seen[0] is rows
    assert seen[1] is rows


def test_a_structure_that_contains_itself_is_passed_on(records: Harness) -> None:
    loop: list[Any] = [1]
    loop.append(loop)

    @task
    def take(value: Any) -> int:
        return len(value)

    @flow
    def main() -> int:
        double.submit(1).result()
        return take.submit(loop).result()

    assert main() == 2


def test_downstream_of_a_failure_is_skipped(records: Harness) -> None:
    @flow
    def main() -> str:
        broken = fail.submit()
        after = double.submit(broken)
        with pytest.raises(UpstreamFailed, match="upstream task 'fail'") as caught:
            after.result()
        assert isinstance(caught.value.__cause__, ValueError)
        return after.state.name

    assert main() == "NotReady"
    skipped = records.run.task("double#0")
    assert skipped.states == [("pending", "Pending"), ("skipped", "NotReady")]
    assert skipped.reason == "Upstream task 'fail' did not complete"


def test_a_direct_call_downstream_of_a_failure_raises(records: Harness) -> None:
    @flow
    def main() -> None:
        double(fail.submit())

    with pytest.raises(UpstreamFailed):
        main()


def test_allow_failure_passes_the_exception_on(records: Harness) -> None:
    @task
    def describe(value: Any) -> str:
        return repr(value)

    @flow
    def main() -> list[str]:
        broken = fail.submit()
        return [describe.submit(allow_failure(broken)).result(), describe(allow_failure([broken]))]

    assert main() == ["ValueError('no')", "[ValueError('no')]"]


def test_quote_is_left_alone(records: Harness) -> None:
    @task
    def kind(value: Any) -> str:
        return type(value[0]).__name__

    @flow
    def main() -> list[str]:
        future = double.submit(1)
        future.result()
        return [kind(quote([future])), kind.submit(quote([future])).result()]

    assert main() == ["Future", "Future"]


def test_wait_for_orders_without_data(records: Harness) -> None:
    order: list[str] = []

    @task
    def note(word: str) -> None:
        order.append(word)

    @flow
    def main() -> None:
        first = note.submit("first")
        note.submit("second", wait_for=[first]).result()
        with pytest.raises(UpstreamFailed):
            note("never", wait_for=[fail.submit()])

    main()
    assert order == ["first", "second"]


def test_map_walks_iterables_together(records: Harness) -> None:
    @task
    def add(a: int, b: int, c: str = "") -> str:
        return f"{a + b}{c}"

    @flow
    def main() -> list[Any]:
        futures = add.map([1, 2, 3], unmapped(10), c="xy")
        assert len(futures) == 3
        later = add.map(double.map([1, 2]), b=(5, 6))
        states = add.map([1], 1, return_state=True)
        return [futures.result(), later.result(), [state.type for state in states]]

    assert main() == [["11xy", "12xy", "13xy"], ["7", "10"], ["completed"]]


@pytest.mark.parametrize(("args", "told"), [(([1, 2], [1]), "argument 2: 1"), ((1, 2), "nothing to map over")])
def test_map_refuses_what_does_not_line_up(records: Harness, args: Any, told: str) -> None:
    @task
    def add(a: int, b: int) -> int:
        return a + b

    @flow
    def main() -> None:
        add.map(*args)

    with pytest.raises(MappingLengthMismatch, match=told):
        main()


def test_map_over_nothing_is_an_empty_list(records: Harness) -> None:
    @flow
    def main() -> list[int]:
        return double.map([]).result()

    assert main() == []


def test_methods_of_every_kind(records: Harness) -> None:
    class Source:
        factor = 3

        @task
        def own(self, x: int) -> int:
            return self.factor * x

        @task
        @classmethod
        def of_class(cls, x: int) -> int:
            return cls.factor + x

        @task
        @staticmethod
        def static(x: int) -> int:
            return -x

        @flow
        def main(self, x: int) -> list[int]:
            return [self.own(x), self.of_class(x), self.static(x), self.own.submit(x).result()]

    assert Source().main(2) == [6, 5, -2, 6]
    assert records.run.header["parameters"] == {"x": 2}
    assert Source.static(1) == -1


def test_with_options_leaves_the_original_alone(records: Harness) -> None:
    other = double.with_options(name="twice", retries=3)
    assert (other.name, other.retries, double.name, double.retries) == ("twice", 3, "double", 0)

    @flow
    def main() -> int:
        return other(2)

    assert main() == 4
    assert records.run.tasks[0].key == "twice#0"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cache_policy": object()}, "cache_policy is <object"),
        ({"asset_deps": ["s3://people"]}, "not supported by this version"),
        ({"retires": 1}, "no option 'retires'"),
        ({"retries": -1}, "retries is -1"),
        ({"timeout_seconds": 0}, "timeout_seconds is 0"),
        ({"retry_delay_seconds": [-1]}, "negative"),
    ],
)
def test_options_without_effect_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        task(**options)(lambda: None)


def test_hooks_see_task_run_and_state(records: Harness) -> None:
    seen: list[Any] = []

    @task(on_failure=[lambda task, run, state: seen.append((task.name, run.parameters, state.type))])
    def work(x: int) -> None:
        raise ValueError

    @work.on_running
    def started(_task: Any, run: Any, state: Any) -> None:
        seen.append((run.name, run.run_count, state.type))

    @work.on_failure
    async def broken_hook(_task: Any, run: Any, state: Any) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("the hook broke")

    @flow
    def main() -> None:
        with pytest.raises(ValueError):
            work(5)

    main()
    assert seen == [("work", 1, "running"), ("work", {"x": 5}, "failed")]
    assert any("the hook broke" in message for message in records.run.messages)


def test_persist_result_makes_an_unstorable_result_an_error(records: Harness) -> None:
    @task(persist_result=True)
    def session() -> object:
        return object()

    @task
    def relaxed() -> object:
        return object()

    @task(persist_result=False)
    def private() -> int:
        return 1

    @flow
    def main() -> None:
        relaxed()
        private()
        with pytest.raises(ResultUnavailable, match="an object"):
            session()

    main()
    relaxed_run, private_run, session_run = records.run.tasks
    assert relaxed_run.state == "completed"
    assert "an object" in relaxed_run.facts["result"]["unstored"]
    assert "persist_result=False" in private_run.facts["result"]["unstored"]
    assert session_run.state == "failed"


def test_async_tasks_in_async_and_sync_flows(records: Harness) -> None:
    @task
    async def slow(x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    @flow
    async def async_main() -> list[int]:
        future = slow.submit(1)
        mapped = await slow.map([1, 2])
        sync = double.submit(await future)
        gathered = await asyncio.gather(*(slow(n) for n in range(3)))
        return [await slow(0), await future, future.result(), *mapped, await sync, double(5), *gathered]

    @flow
    def sync_main() -> list[int]:
        return [slow(1), slow.submit(2).result(), *slow.map([3, 4]).result()]

    assert asyncio.run(async_main()) == [1, 2, 2, 2, 3, 4, 10, 1, 2, 3]
    assert sync_main() == [2, 3, 4, 5]
    assert all(task.state == "completed" for run in records.runs for task in run.tasks)


def test_an_async_task_called_outside_a_flow_is_a_coroutine() -> None:
    @task
    async def slow(x: int) -> int:
        return x

    assert asyncio.run(slow(3)) == 3


def test_nested_tasks_have_nested_keys(records: Harness) -> None:
    @task
    def outer() -> int:
        get_run_logger().info("inside")
        return double(1) + double.submit(2).result()

    @flow
    def main() -> int:
        return outer()

    assert main() == 6
    assert [task.key for task in records.run.tasks] == ["outer#0", "outer#0/double#0", "outer#0/double#1"]
    assert [task.parent for task in records.run.tasks] == [0, 1, 1]
    assert records.run.logs[0].number == 1


def test_an_argument_that_does_not_fit_fails_the_task(records: Harness) -> None:
    @flow
    def main() -> None:
        with pytest.raises(TypeError):
            double(1, 2, 3)

    main()
    assert records.run.tasks[0].state == "failed"
