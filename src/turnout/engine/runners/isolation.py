"""`@task(isolation="process")`: one task in a process of its own, called directly. (A submitted one is steered by the
runner of its flow, see `process_pool`.)"""

from __future__ import annotations

from _thread import start_new_thread
from contextvars import copy_context

from turnout.engine.futures.futures import Latch
from turnout.engine.runners.pickling import check_sendable
from turnout.engine.runners.process_pool import call
from turnout.engine.runs.instructions import Call
from turnout.engine.stopping.deadlines import task_timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.runs.run_task import TaskScope


def isolated_call(scope: TaskScope) -> Call:
    """The call of an isolated task that was called directly. Raises NotSendable."""
    task = scope.definition
    check_sendable(task, [scope], False)
    if task.is_async:
        return Call(_run_awaited, (scope,), {}, True)
    return Call(_run, (scope,), {})


def _run(scope: TaskScope) -> Any:
    return call(scope, _step(scope), copy_context(), None)


async def _run_awaited(scope: TaskScope) -> Any:
    """The same for a coroutine, which waits for a thread that waits for the process."""
    from turnout.engine.runners.loops import until

    done, context = Latch(), copy_context()
    outcome: list[tuple[Any, BaseException | None]] = []
    step = _step(scope)

    def run() -> None:
        try:
            outcome.append((call(scope, step, context, None), None))
        except BaseException as error:
            outcome.append((None, error))
        done.set()

    start_new_thread(run, ())
    await until(done)
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def _step(scope: TaskScope) -> Call:
    task = scope.definition
    return Call(task.body, scope.args, scope.kwargs, task.is_async, task.timeout_seconds, task_timeout(scope))
