"""Generator flows and tasks. Called, they give their values to the caller one by one; submitted, all in a list.

The run begins when the first value is asked for and completes when the generator ends, or when the caller leaves it
half read; then its `finally` blocks have run. Values that were handed out are not stored: a further try yields them
again, and so does a resumed attempt. What a generator *returns* ends in StopIteration, as ever.

The run has a `contextvars` context of its own: between two values the caller is in its own run, not in this one.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import copy_context

from turnout.engine.clock import monotonic
from turnout.engine.context.scopes import current
from turnout.engine.flow import Flow
from turnout.engine.futures import futures
from turnout.engine.runs.drivers import answer, answer_async
from turnout.engine.runs.instructions import Call
from turnout.engine.runs.run_flow import run_flow
from turnout.engine.runs.run_task import run_directly
from turnout.engine.stopping.interrupts import Deadline, Interrupt
from turnout.engine.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterable
    from contextvars import Context
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.runs.instructions import Steps
    from turnout.engine.states.state import State

    Kept = dict[Generator[Any, Any, Any] | AsyncGenerator[Any, None], Context]


class StreamingTask(Task[..., "Any"]):
    """A task made of a generator function."""

    def __call__(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Any:
        """A generator of its values; for an async task, an async one. With `return_state`, all in the final state."""
        if return_state:
            return super().__call__(*args, return_state=True, wait_for=wait_for, **kwargs)
        scope = self._scope(current.get(), args, kwargs, wait_for)
        return _stream(self, run_directly(scope), scope.parent)


class StreamingFlow(Flow[..., "Any"]):
    """A flow made of a generator function."""

    def __call__(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Any:
        """A generator of its values; for an async flow, an async one. With `return_state`, all in the final state."""
        if return_state:
            return super().__call__(*args, return_state=True, wait_for=wait_for, **kwargs)
        parent = current.get()
        return _stream(self, run_flow(self, parent, args, kwargs, wait_for), parent)


class ValuesHandedOut:
    """Stands for the result of a run whose values went to the caller: it cannot be stored."""

    def __init__(self, returned: Any) -> None:
        self.returned = returned

    def __reduce__(self) -> str:
        raise TypeError("the values of a generator were handed out one by one")


def whole(function: Callable[..., Any], is_async: bool) -> Callable[..., Any]:
    """A generator function as one that gives its values in a list: what runs where nobody takes them one by one."""
    if not is_async:

        def all_values(*args: Any, **kwargs: Any) -> list[Any]:
            return list(function(*args, **kwargs))

        return all_values

    async def all_values_async(*args: Any, **kwargs: Any) -> list[Any]:
        return [value async for value in function(*args, **kwargs)]

    return all_values_async


def close_in(scope: Scope) -> Generator[Any, Any, None]:
    """The flow run `scope` is over: end the generators that it left half read. Instructions for a driver."""
    for stream, context in _open.pop(id(scope), {}).items():
        with suppress(Interrupt, ValueError, RuntimeError):  # it was stopped, or another thread is in it
            if hasattr(stream, "aclose"):
                yield Call(_aclose, (stream, context), {}, True)
            else:
                context.run(stream.close)


def _stream(definition: Any, steps: Steps, parent: Scope | None) -> Any:
    kept = _open.setdefault(id(parent.flow), {}) if parent is not None and parent.flow is not None else {}
    inner, outer = (_driven_async, _outer_async) if definition.is_async else (_driven, _outer)
    stream: Any = inner(definition, steps)
    context = kept[stream] = copy_context()
    return outer(stream, context, kept)


def _outer(inner: Generator[Any, Any, Any], context: Context, kept: Kept) -> Generator[Any, Any, Any]:
    __tracebackhide__ = True
    send: Any = inner.send
    sent: Any = None
    try:
        while True:
            try:
                item = context.run(send, sent)
            except StopIteration as end:
                return end.value
            try:
                sent, send = (yield item), inner.send
            except GeneratorExit:
                context.run(inner.close)
                raise
            except BaseException as error:
                sent, send = error, inner.throw
    finally:
        kept.pop(inner, None)


def _driven(definition: Any, steps: Steps) -> Generator[Any, Any, Any]:
    """What `drivers.run_blocking` does, but for the values in between."""
    __tracebackhide__ = True
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Call) and step.function is definition.body:
                    value = yield from _values(definition.fn, step)
                else:
                    value = answer(step)
            except GeneratorExit:  # left half read; `_values` has closed the generator
                step = steps.send(ValuesHandedOut(None))
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(value)
    except StopIteration as end:
        state: State = end.value
    if _is_reused(state):
        yield from state.data
    return _outcome(state)


def _values(function: Callable[..., Any], step: Call) -> Generator[Any, Any, ValuesHandedOut]:
    __tracebackhide__ = True
    values, left = function(*step.args, **step.kwargs), step.seconds
    move: Any = values.send
    sent: Any = None
    while True:
        try:
            if left is None:
                item = move(sent)
            else:  # only the generator's own time counts
                began = monotonic()
                with Deadline(left, step.timeout, step.expired):  # type: ignore[arg-type]
                    item = move(sent)
                left -= monotonic() - began
        except StopIteration as end:
            return ValuesHandedOut(end.value)
        try:
            sent, move = (yield item), values.send
        except GeneratorExit:
            values.close()
            _stop_if_asked()
            return ValuesHandedOut(None)
        except BaseException as error:
            sent, move = error, values.throw


async def _outer_async(inner: AsyncGenerator[Any, None], context: Context, kept: Kept) -> AsyncGenerator[Any, None]:
    __tracebackhide__ = True
    try:
        while True:
            try:
                item = await _Within(inner.__anext__(), context)
            except StopAsyncIteration:
                return
            yield item
    finally:
        kept.pop(inner, None)
        await _Within(inner.aclose(), context)


async def _aclose(inner: AsyncGenerator[Any, None], context: Context) -> None:
    await _Within(inner.aclose(), context)


async def _driven_async(definition: Any, steps: Steps) -> AsyncGenerator[Any, None]:
    __tracebackhide__ = True
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Call) and step.function is definition.body:
                    value: Any = ValuesHandedOut(None)
                    values = definition.fn(*step.args, **step.kwargs)
                    try:
                        while True:
                            yield await _next(values, step)
                    except StopAsyncIteration:
                        pass
                    except GeneratorExit:
                        await values.aclose()
                        _stop_if_asked()
                else:
                    value = await answer_async(step)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(value)
    except StopIteration as end:
        state: State = end.value
    if _is_reused(state):
        for item in state.data:
            yield item
    _outcome(state)


async def _next(values: Any, step: Call) -> Any:
    __tracebackhide__ = True
    if step.seconds is None:
        return await values.__anext__()
    import asyncio

    try:
        async with asyncio.timeout(step.seconds) as limit:
            return await values.__anext__()
    except TimeoutError as error:
        if limit.expired() and step.timeout is not None:
            raise step.timeout().with_traceback(error.__traceback__) from None
        raise


class _Within:
    """An awaitable whose steps are taken in a context of their own."""

    def __init__(self, awaitable: Any, context: Context) -> None:
        self._steps = awaitable.__await__()
        self._context = context

    def __await__(self) -> Generator[Any, Any, Any]:
        send, sent = self._steps.send, None
        while True:
            try:
                asked = self._context.run(send, sent)
            except StopIteration as end:
                return end.value
            try:
                sent, send = (yield asked), self._steps.send
            except BaseException as error:
                sent, send = error, self._steps.throw


def _is_reused(state: State) -> bool:
    return state.name == "Reused" and isinstance(state.data, list)


def _outcome(state: State) -> Any:
    """What the generator returned. Raises what the run raised."""
    if state.type != "completed":
        raise state.failure()
    if type(state.data) is ValuesHandedOut:
        state.data = state.data.returned
    return state.data


def _stop_if_asked() -> None:
    scope = current.get()
    if scope is not None and scope.root.stopping():
        raise Interrupt


_open: dict[int, Kept] = {}
"""id of a flow's scope -> the generators called in it that are not at their end."""
futures.close_streams = close_in
