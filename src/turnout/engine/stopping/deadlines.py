"""Timeouts of tasks: the call that is interrupted, and who says so when the code is stuck."""

from __future__ import annotations

from _thread import get_ident
from contextvars import copy_context

from turnout.core.errors import TaskTimeout
from turnout.engine.runs.instructions import Call
from turnout.engine.states.state import State
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.engine.runs.run_task import TaskScope


def task_call(scope: TaskScope) -> Call:
    """The call of a task that has `timeout_seconds`."""
    task = scope.definition
    seconds: Any = task.timeout_seconds

    timeout = task_timeout(scope)
    scope.end_within(seconds)
    watched = scope.future is not None and not task.is_async and not is_strict(scope)
    expired = _watch(scope, timeout) if watched else None
    return Call(task.body, scope.args, scope.kwargs, task.is_async, seconds, timeout, expired)


def task_timeout(scope: TaskScope) -> Callable[[], TaskTimeout]:
    """Makes the error of a task whose time is over."""

    def timeout() -> TaskTimeout:
        seconds = scope.definition.timeout_seconds
        return TaskTimeout(f"task '{scope.name}' ran longer than its timeout of {seconds:g} s")

    return timeout


def _watch(scope: TaskScope, timeout: Callable[[], TaskTimeout]) -> Callable[[], None]:
    """What happens at the deadline of a submitted task that this thread is about to call: its future must not wait for
    code that cannot be interrupted, and neither must its next try."""
    number, thread, context = scope.tries, get_ident(), copy_context()

    def expired() -> None:
        runner = scope.flow.runner if scope.flow is not None else None
        if runner is None or not scope.claim(number, abandoning=thread):
            return
        error = timeout()
        state = State("failed", "TimedOut", f"TaskTimeout: {error.what}", error=error)
        runner.abandon(scope, state, context if number <= scope.definition.retries else None)

    return expired
