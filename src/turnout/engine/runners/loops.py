"""Event loops: one a thread for async tasks called in blocking code, one shared for those that are submitted.

Loaded only once something async runs; it brings asyncio.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from contextvars import ContextVar, copy_context

from turnout.engine.futures import futures
from turnout.engine.futures.futures import Future, blocked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from turnout.engine.futures.futures import Latch
    from turnout.engine.runners.thread_pool import AsyncSlots


def run_blocking_here(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run `make()` to its end, in this thread if it has no running loop, else in a thread of its own.

    All coroutines that a thread runs this way share a loop, so that what one opened, the next can use.
    """
    __tracebackhide__ = True
    if asyncio._get_running_loop() is not None:
        return _run_elsewhere(make)
    runner = getattr(_own, "runner", None)
    if runner is None:
        runner = _own.runner = asyncio.Runner()
    return runner.run(make(), context=copy_context())


def close_own() -> None:
    """Close this thread's loop, if it has one: its last blocking user is gone."""
    runner = getattr(_own, "runner", None)
    if runner is not None:
        _own.runner = None
        runner.close()


def spawn(make: Callable[[], Coroutine[Any, Any, None]], context: Any) -> None:
    """Start `make()` on the shared background loop, in a contextvars `context`."""
    loop = _background()

    def start() -> None:
        task = loop.create_task(make(), context=context)
        _kept.add(task)
        task.add_done_callback(_kept.discard)

    loop.call_soon_threadsafe(start)


async def until(latch: Latch, seconds: float | None = None) -> bool:
    """Wait for `latch` at most `seconds`; whether it is done."""
    if latch.done():
        return True
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def tell() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(wake)

    if type(latch) is not Future:
        return await _woken(latch, waiter, tell, seconds)
    from turnout.engine.futures.waiting import waits

    with waits(latch):
        return await _woken(latch, waiter, tell, seconds)


async def _woken(latch: Latch, waiter: asyncio.Future[None], tell: Callable[[], None], seconds: float | None) -> bool:
    latch.when_done(tell)
    slots = slot.get()
    if slots is not None:
        slots.blocks()
    try:
        with blocked():
            async with asyncio.timeout(seconds):
                await waiter
    except TimeoutError:
        return latch.done()
    finally:
        if slots is not None:
            slots.resumes()
    return True


def blocks_itself(future: Future[Any]) -> bool:
    """Whether waiting for `future` in this thread would stop the loop that has to run it."""
    return _shared is not None and asyncio._get_running_loop() is _shared and future.is_async


def _run_elsewhere(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    __tracebackhide__ = True
    context = copy_context()
    outcome: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with asyncio.Runner() as runner:
                outcome.append(runner.run(make(), context=context))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="turnout-loop", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return outcome[0]


def _background() -> asyncio.AbstractEventLoop:
    global _shared  # noqa: PLW0603 - one loop a process
    with _lock:
        if _shared is None or _shared.is_closed():
            _shared = asyncio.new_event_loop()
            threading.Thread(target=_shared.run_forever, name="turnout-async", daemon=True).start()
        return _shared


slot: ContextVar[AsyncSlots | None] = ContextVar("turnout_async_slots", default=None)
"""The limit that the submitted async task in this context counts against."""
_own = threading.local()
_kept: set[asyncio.Task[None]] = set()
_shared: asyncio.AbstractEventLoop | None = None
_lock = threading.Lock()
futures.loops = sys.modules[__name__]
