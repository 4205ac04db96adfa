"""What code returned in place of a value: something that is yet to run, or to be waited for."""

from __future__ import annotations

from turnout.core.errors import RunError
from turnout.engine.futures.futures import Future, FutureList
from turnout.engine.runs.instructions import Call, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from typing import Any

    from turnout.engine.context.scopes import Scope


def settled(scope: Scope, value: Any) -> Generator[Any, Any, Any]:
    """The value that `value`, of one of the types in LAZY, stands for.

    A generator's values in a list; a future's value, which is waited for; raises what it raised, and RunError for a
    coroutine, which nobody awaited.
    """
    kind = type(value)
    if kind is _COROUTINE:
        value.close()
        raise RunError(
            f"{scope.kind} '{scope.definition.name}' returned a coroutine that nobody awaited",
            fix=f"make the {scope.kind} `async def` and await what it calls",
        )
    if kind is _GENERATOR:
        return (yield Call(list, (value,), {}))
    if kind is _ASYNC_GENERATOR:
        return (yield Call(_listed, (value,), {}, True))
    yield Wait([value] if kind is Future else value)
    return value.result()


async def _listed(values: AsyncGenerator[Any, None]) -> list[Any]:
    return [value async for value in values]


def _generator() -> Any:
    yield


async def _coroutine() -> None:
    pass


async def _async_generator() -> Any:
    yield


_GENERATOR = type(_generator())
_made = _coroutine()
_COROUTINE = type(_made)
_made.close()
_ASYNC_GENERATOR = type(_async_generator())
WITH_CODE = frozenset({_GENERATOR, _COROUTINE, _ASYNC_GENERATOR})
"""Types of returned values that hold code yet to run: for flows, which judge futures that they return."""
LAZY = WITH_CODE | {Future, FutureList}
"""Types of returned values that a task settles first."""
