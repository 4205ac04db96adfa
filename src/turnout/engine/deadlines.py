"""Timeouts of tasks: the call that is interrupted, and who says so when the code is stuck."""

from __future__ import annotations

from turnout.core.errors import TaskTimeout
from turnout.engine.instructions import Call
from turnout.engine.states import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.run_task import TaskScope


def task_call(scope: TaskScope) -> Call:
    """The call of a task that has `timeout_seconds`."""
    task = scope.definition
    seconds: Any = task.timeout_seconds

    def timeout() -> TaskTimeout:
        return TaskTimeout(f"task '{scope.name}' ran longer than its timeout of {seconds:g} s")

    scope.end_within(seconds)
    expired = (lambda: _expired(scope, timeout())) if scope.future is not None else None
    return Call(task.fn, scope.args, scope.kwargs, task.is_async, seconds, timeout, expired)


def _expired(scope: TaskScope, error: TaskTimeout) -> None:
    """The deadline of a submitted task: its future must not wait for code that cannot be interrupted.

    With retries left the next try needs the thread, so the future waits until the code has left it.
    """
    if scope.tries > scope.definition.retries and scope.claim():
        scope.abandoned = True
        runner = scope.flow.runner if scope.flow is not None else None
        if runner is not None:
            runner.abandon(scope, State("failed", "TimedOut", f"TaskTimeout: {error.what}", error=error))
