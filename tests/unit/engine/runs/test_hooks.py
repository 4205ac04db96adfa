"""Hooks: who is called when, in which run, and that none of them changes how a run ended."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from turnout import flow, runtime, task
from turnout.states import Cancelled, Failed
from turnout.testing import Harness

Told = list[tuple[str, str]]


@pytest.fixture
def told() -> Told:
    return []


def hook(told: Told, name: str) -> Callable[..., None]:
    def call(_definition: Any, run: Any, state: Any) -> None:
        told.append((name, state.name))
        assert run.state is state

    call.__name__ = name
    return call


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("well", [("running", "Running"), ("completion", "Completed")]),
        ("badly", [("running", "Running"), ("failure", "Failed")]),
        ("cancelled", [("running", "Running"), ("cancellation", "Cancelled")]),
        ("crashed", [("running", "Running"), ("failure", "Failed"), ("crashed", "Failed")]),
    ],
)
def test_each_end_of_a_flow_has_its_hooks(records: Harness, told: Told, ends: str, expected: Told) -> None:
    names = ("running", "completion", "failure", "cancellation", "crashed")
    given: Any = {f"on_{name}": [hook(told, name)] for name in names}

    @flow(**given)
    def main() -> Any:
        if ends == "crashed":
            raise SystemExit(3)
        return {"well": 1, "badly": Failed(message="no"), "cancelled": Cancelled()}[ends]

    if ends == "crashed":
        with pytest.raises(SystemExit):
            main()
    else:
        main(return_state=True)
    assert told == expected


@pytest.mark.parametrize("kind", ["flow", "task"])
def test_decorators_add_hooks(records: Harness, told: Told, kind: str) -> None:
    @flow
    def alone() -> None: ...
    @task
    def step() -> None: ...

    @flow
    def main() -> None:
        step()

    definition: Any = alone if kind == "flow" else step
    names = ["running", "completion", "failure"] + (["cancellation", "crashed"] if kind == "flow" else [])
    for name in names:
        decorate = getattr(definition, f"on_{name}")
        made = hook(told, name)
        assert decorate(made) is made
    (alone if kind == "flow" else main)()
    assert told == [("running", "Running"), ("completion", "Completed")]
    told.clear()
    copied: Any = definition.with_options(name="other")
    assert copied.hooks == definition.hooks
    assert copied.with_options(on_completion=[print]).hooks["on_completion"] == (print,)


@pytest.mark.parametrize("error", [ValueError("bad hook"), SystemExit(9)], ids=["exception", "sys.exit"])
@pytest.mark.parametrize("how", ["direct", "submitted", "flow"])
def test_a_hook_that_fails_changes_nothing(records: Harness, how: str, error: BaseException) -> None:
    def breaks(*_: Any) -> None:
        raise error

    @task(on_running=[breaks], on_completion=[breaks])
    def step() -> int:
        return 3

    @flow(**({"on_running": [breaks], "on_completion": [breaks]} if how == "flow" else {}))  # type: ignore[arg-type]
    def main() -> Any:
        if how == "flow":
            return 3
        return step.submit().result() if how == "submitted" else step()

    assert main() == 3
    assert records.run.state == "completed"
    said = [line.message for line in records.run.logs]
    what = "flow 'main'" if how == "flow" else "task 'step'"
    assert [line for line in said if line.startswith("hook")] == [
        f"hook 'breaks' of {what}: the run is Running",
        f"hook 'breaks' of {what}: the run is Completed",
    ]
    assert len([line for line in said if f"the hook 'breaks' of {what} failed" in line]) == 2
    if how != "flow":
        assert [state for state, *_ in records.run.task("step#0").states][-1] == "completed"


def test_hooks_run_inside_their_run(records: Harness) -> None:
    seen: list[Any] = []

    @task(on_completion=[lambda *_: seen.append((runtime.task_run.name, runtime.flow_run.flow_name))])
    def step() -> None: ...

    @flow(on_completion=[lambda *_: seen.append((runtime.task_run.name, runtime.flow_run.flow_name))])
    def main() -> None:
        step()

    main()
    assert seen == [("step", "main"), (None, "main")]


@pytest.mark.parametrize("wrapped", [False, True])
def test_async_hooks_are_awaited(records: Harness, wrapped: bool) -> None:
    seen: list[str] = []

    async def done(*given: Any) -> None:
        seen.append(given[-1].name)

    called: Any = functools.partial(done, "more") if wrapped else done

    @task(on_completion=[called])
    def step() -> None: ...

    @flow(on_completion=[called])
    def main() -> None:
        step()

    main()
    assert seen == ["Completed", "Completed"]


def test_a_tasks_failure_hook_is_called_once_after_its_retries(records: Harness, told: Told) -> None:
    @task(retries=2, on_failure=[hook(told, "failure")], on_running=[hook(told, "running")])
    def step() -> None:
        raise ValueError("no")

    @flow
    def main() -> None:
        step(return_state=True)

    main()
    assert told == [("running", "Running")] * 3 + [("failure", "Failed")]
