"""Functions that block in `def` code and are awaited in `async def` code, as moved code expects of one name."""

from __future__ import annotations

import sys

from turnout.engine.context.scopes import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


def dispatched(blocking: Callable[..., Any], awaited: Callable[..., Any]) -> Callable[..., Any]:
    """`blocking`, which gives the coroutine of `awaited` where it is called in a running event loop, unless by the code
    of a plain `def` flow or task, which could not await it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return awaited(*args, **kwargs) if in_async_code() else blocking(*args, **kwargs)

    return _like(blocking, call)


def in_async_code() -> bool:
    """Whether the caller can await."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:
        return False
    scope = current.get()
    return scope is None or scope.definition.is_async


def in_thread(blocking: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """`blocking` as a coroutine function: it blocks a thread in place of the event loop."""

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        import asyncio

        return await asyncio.to_thread(blocking, *args, **kwargs)

    return _like(blocking, awaited)


def _like(function: Callable[..., Any], made: Callable[..., Any]) -> Callable[..., Any]:
    """`made` with the name, words and signature of `function`: what `functools.wraps` does, which takes a millisecond
    to import."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(made, name, getattr(function, name))
    made.__wrapped__ = function  # type: ignore[attr-defined]
    return made
