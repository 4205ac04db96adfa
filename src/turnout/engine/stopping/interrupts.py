"""How running user code is stopped from outside: by a deadline, or because its run was cancelled."""

from __future__ import annotations

from _thread import get_ident

from turnout.engine.clock import sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.engine.runs.instructions import Call


class Interrupt(BaseException):
    """Thrown into user code. Not an Exception, so that `except Exception` in user code lets it through.

    It carries nothing: whoever catches it asks its own deadline and its root whether it was meant.
    """


class NotStarted(BaseException):
    """The flow ended badly while this task was queued or slept before a retry: it shall not run."""


class Deadline:
    """Around user code: after `seconds` this thread gets an Interrupt, turned into `timeout()` on the way out.

    The main thread is interrupted by SIGALRM where that is free, in the middle of system calls; another thread at its
    next bytecode. `expired_hook` is called at the deadline even if the code is stuck in a call that cannot be stopped.
    """

    __slots__ = ("expired", "expired_hook", "moment", "seconds", "thread", "timeout")

    moment: float
    thread: int

    def __init__(
        self, seconds: float, timeout: Callable[[], BaseException], expired_hook: Callable[[], None] | None = None
    ) -> None:
        self.seconds = seconds
        self.timeout = timeout
        self.expired_hook = expired_hook
        self.expired = False

    def __enter__(self) -> None:
        from turnout.engine.stopping import timers

        timers.arm(self)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        __tracebackhide__ = True
        from turnout.engine.clock import monotonic
        from turnout.engine.stopping import timers

        timers.disarm(self)
        late = monotonic() >= self.moment  # the alarm may have been ignored by user code
        if (self.expired or late) and (isinstance(error, Interrupt) or (error is None and self.expired)):
            raise self.timeout().with_traceback(error.__traceback__ if error else None) from None


class Interruptible:
    """Threads that run user code now. Only these are interrupted: an Interrupt in the engine's own code would leave a
    future without an outcome, or end a pool's thread.

    No lock: an exception that arrives between taking one and the block that frees it would leave it taken.
    """

    __slots__ = ("_busy", "_interrupters", "_used")

    def __init__(self) -> None:
        self._busy: set[int] = set()
        self._interrupters: set[int] = set()
        self._used = False

    def call(self, step: Call) -> Any:
        """Call the user's function. Raises Interrupt if `interrupt` is called meanwhile."""
        __tracebackhide__ = True
        me, inside = get_ident(), True
        try:
            self._busy.add(me)
            return step.function(*step.args, **step.kwargs)
        finally:
            # An Interrupt that arrives from here on starts the leaving again: none is left for the engine to meet.
            while inside:
                try:
                    self._leave(me)
                    inside = False
                except Interrupt:
                    pass

    def interrupt(self) -> None:
        """Throw an Interrupt into every thread that is in user code."""
        me, throwing = get_ident(), True
        try:
            self._interrupters.add(me)
            self._throw()
        finally:
            while throwing:
                try:
                    self._interrupters.discard(me)
                    throwing = False
                except Interrupt:
                    pass

    def _throw(self) -> None:
        if self._busy:
            from turnout.engine.stopping.timers import interrupt_thread

            self._used = True
            for thread in list(self._busy):
                interrupt_thread(thread)

    def _leave(self, thread: int) -> None:
        self._busy.discard(thread)
        if self._used or self._interrupters:
            from turnout.engine.stopping.timers import take_back

            while self._interrupters - {thread}:
                sleep(0)  # whoever listed the busy threads before this one left may still throw
            take_back(thread)
