"""The two interpreters of instructions: one blocks, one awaits. Nothing else knows which of the two runs."""

from __future__ import annotations

from turnout.engine.runs.instructions import Call, Sleep, Wait
from turnout.engine.stopping.interrupts import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.engine.runs.instructions import Steps
    from turnout.engine.states.state import State
    from turnout.engine.stopping.interrupts import Interruptible


def run_blocking(steps: Steps, interruptible: Interruptible | None = None) -> State:
    """Drive `steps` to their end in this thread; user code is called through `interruptible` if it is given."""
    __tracebackhide__ = True
    try:
        step = next(steps)
        while True:
            try:
                if not isinstance(step, Call):
                    value = _block(step)
                elif step.is_async:
                    value = _run_coroutine(step)
                elif step.seconds is None:
                    value = interruptible.call(step) if interruptible else step.function(*step.args, **step.kwargs)
                else:
                    with Deadline(step.seconds, step.timeout, step.expired):  # type: ignore[arg-type]
                        value = interruptible.call(step) if interruptible else step.function(*step.args, **step.kwargs)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(value)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def run_awaiting(steps: Steps) -> State:
    """Drive `steps` to their end as a coroutine."""
    __tracebackhide__ = True
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Call):
                    value = await _await_call(step) if step.is_async else step.function(*step.args, **step.kwargs)
                else:
                    value = await _await(step)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(value)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def answer(step: Call | Sleep | Wait) -> Any:
    """What one instruction asks for, blocking; without deadlines."""
    __tracebackhide__ = True
    if not isinstance(step, Call):
        return _block(step)
    return _run_coroutine(step) if step.is_async else step.function(*step.args, **step.kwargs)


async def answer_async(step: Call | Sleep | Wait) -> Any:
    """What one instruction asks for, awaited."""
    __tracebackhide__ = True
    if not isinstance(step, Call):
        return await _await(step)
    return await _await_call(step) if step.is_async else step.function(*step.args, **step.kwargs)


def _block(step: Sleep | Wait) -> bool:
    if isinstance(step, Sleep):
        return step.unless.block(step.seconds) if skip is None else skip(step)
    for latch in step.latches:
        latch.block(step.seconds)
    return all(latch.done() for latch in step.latches)


async def _await(step: Sleep | Wait) -> bool:
    from turnout.engine.runners.loops import until

    if isinstance(step, Sleep):
        return await until(step.unless, step.seconds) if skip is None else skip(step)
    for latch in step.latches:
        await until(latch, step.seconds)
    return all(latch.done() for latch in step.latches)


def _run_coroutine(step: Call) -> Any:
    __tracebackhide__ = True
    from turnout.engine.runners.loops import run_blocking_here

    return run_blocking_here(lambda: _await_call(step))


async def _await_call(step: Call) -> Any:
    __tracebackhide__ = True
    if step.seconds is None:
        return await step.function(*step.args, **step.kwargs)
    import asyncio

    try:
        async with asyncio.timeout(step.seconds) as limit:
            return await step.function(*step.args, **step.kwargs)
    except TimeoutError as error:
        if limit.expired() and step.timeout is not None:
            raise step.timeout().with_traceback(error.__traceback__) from None
        raise


skip: Callable[[Sleep], bool] | None = None
"""Set by the fake clock of a test: answers a `Sleep` without sleeping."""
