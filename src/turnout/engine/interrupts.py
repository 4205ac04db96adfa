"""How running user code is stopped from outside: by a deadline, or because its run was cancelled."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


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
        from turnout.engine import timers

        timers.arm(self)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        __tracebackhide__ = True
        from turnout.engine import timers
        from turnout.engine.clock import monotonic

        timers.disarm(self)
        late = monotonic() >= self.moment  # the alarm may have been ignored by user code
        if (self.expired or late) and (isinstance(error, Interrupt) or (error is None and self.expired)):
            raise self.timeout().with_traceback(error.__traceback__ if error else None) from None
