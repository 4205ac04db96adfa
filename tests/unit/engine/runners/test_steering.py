"""Tasks whose code runs elsewhere: what waits holds no thread."""

import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any

import pytest

from turnout.engine.futures.futures import Latch
from turnout.engine.runners import steering
from turnout.engine.runners.steering import Parked, Steered, SteeringRunner
from turnout.engine.runs.instructions import Call, Sleep, Wait
from turnout.engine.states.state import State


class Scope:
    """As much of a task run as steering looks at."""

    flow = None

    def __init__(self, steps: Callable[["Scope"], Iterator[Any]]) -> None:
        self.definition = self
        self.steps = steps
        self.ended = threading.Event()

    def fn(self) -> None: ...

    def settle(self, state: State) -> None:
        self.state = state
        self.ended.set()


class Remote(SteeringRunner):
    """Answers calls when it is told to."""

    def __init__(self) -> None:
        super().__init__(1)
        self.calls: list[Steered] = []
        self.called = threading.Event()

    def perform(self, job: Steered, step: Call) -> Any:
        self.calls.append(job)
        self.called.set()
        raise Parked

    def answer(self, value: Callable[[], Any]) -> None:
        job = self.calls.pop(0)
        job.value = value
        self._put(job)


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    monkeypatch.setattr(steering, "run_ready", lambda scope: scope.steps(scope))
    monkeypatch.setattr(steering, "is_own", lambda scope, step: step.function == scope.fn)
    monkeypatch.setattr(steering, "broken", lambda scope, error: State("failed", error=error))
    made = Remote()
    yield made
    made.close()


def start(runner: Remote, steps: Callable[[Scope], Iterator[Any]]) -> Scope:
    scope: Any = Scope(steps)
    runner.enter(scope, copy_context())
    return scope  # type: ignore[no-any-return]


def test_a_waiting_task_leaves_the_only_thread_to_another(runner: Remote) -> None:
    gate, other = Latch(), Latch()

    def waits(_: Scope) -> Iterator[Any]:
        return State("completed", data=(yield Wait([gate, other])))  # type: ignore[misc, return-value]
        yield

    def goes(_: Scope) -> Iterator[Any]:
        return State("completed", data=(yield Wait([])))  # type: ignore[misc, return-value]
        yield

    waiting = start(runner, waits)
    assert start(runner, goes).ended.wait(10)
    gate.set()
    assert not waiting.ended.is_set()
    other.set()
    assert waiting.ended.wait(10)
    assert waiting.state.data is True


def test_waits_and_sleeps_end_with_their_time(runner: Remote) -> None:
    never = Latch()

    def steps(_: Scope) -> Iterator[Any]:
        answers = [(yield Wait([never], 0.01)), (yield Sleep(0.01, never)), (yield Sleep(0, never))]
        return State("completed", data=answers)  # type: ignore[misc, return-value]

    scope = start(runner, steps)
    assert scope.ended.wait(10)
    assert scope.state.data == [False, False, False]


def test_a_sleep_ends_early_when_its_latch_is_done(runner: Remote) -> None:
    latch = Latch()

    def steps(_: Scope) -> Iterator[Any]:
        return State("completed", data=(yield Sleep(3600, latch)))  # type: ignore[misc, return-value]

    scope = start(runner, steps)
    latch.set()
    assert scope.ended.wait(10)
    assert scope.state.data is True


def test_an_answer_is_a_value_or_raises(runner: Remote) -> None:
    def steps(scope: Scope) -> Iterator[Any]:
        try:
            yield Call(scope.fn, (), {})
        except ValueError as error:
            said = str(error)
        return State("completed", data=(said, (yield Call(scope.fn, (), {}))))  # type: ignore[misc, return-value]

    def fail() -> None:
        raise ValueError("no")

    scope = start(runner, steps)
    assert runner.called.wait(10)
    runner.called.clear()
    runner.answer(fail)
    assert runner.called.wait(10)
    runner.answer(lambda: 3)
    assert scope.ended.wait(10)
    assert scope.state.data == ("no", 3)


def test_what_breaks_ends_the_task(runner: Remote) -> None:
    def steps(_: Scope) -> Iterator[Any]:
        yield Call(len, (), {})

    scope = start(runner, steps)
    assert scope.ended.wait(10)
    assert isinstance(scope.state.error, TypeError)
