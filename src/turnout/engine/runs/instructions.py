"""What the generators in `run_task` and `run_flow` ask of whoever drives them.

The generators never call user code, sleep or wait: they yield one of these, and a driver (`drivers.py`) does it,
blocking or awaiting. So every rule about runs is written once, for `def` and `async def` alike.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.futures.futures import Latch
    from turnout.engine.states.state import State

    Steps = Generator["Call | Sleep | Wait", Any, State]


class Call:
    """Call `function(*args, **kwargs)`; answer what it returns, awaited if `is_async`.

    After `seconds`, if given, user code is interrupted and `timeout()` makes the exception to throw in its place.
    """

    __slots__ = ("args", "expired", "function", "is_async", "kwargs", "seconds", "timeout")

    def __init__(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        is_async: bool = False,
        seconds: float | None = None,
        timeout: Callable[[], BaseException] | None = None,
        expired: Callable[[], None] | None = None,
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.is_async = is_async
        self.seconds = seconds
        self.timeout = timeout
        self.expired = expired


class Sleep:
    """Answer False after `seconds`, or True at once when `unless` is done."""

    __slots__ = ("seconds", "unless")

    def __init__(self, seconds: float, unless: Latch) -> None:
        self.seconds = seconds
        self.unless = unless


class Wait:
    """Answer once every latch is done, or after `seconds`, if given."""

    __slots__ = ("latches", "seconds")

    def __init__(self, latches: Sequence[Latch], seconds: float | None = None) -> None:
        self.latches = latches
        self.seconds = seconds


def apart(scope: Scope, work: Callable[[], Any]) -> Generator[Call, Any, Any]:
    """Do something that waits for disks or networks; for an async run, not in its loop."""
    if not scope.definition.is_async:
        return (yield Call(work, (), {}))
    from asyncio import to_thread

    return (yield Call(to_thread, (work,), {}, True))
