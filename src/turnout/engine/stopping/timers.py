"""Deadlines of running code: one alarm for the main thread, one thread for all others. Loaded with the first one."""

from __future__ import annotations

import heapq
import signal
import threading
from itertools import count

from turnout.engine.clock import monotonic
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from turnout.engine.stopping.interrupts import Deadline


AGAIN_SECONDS = 1.0
"""Between alarms until one is heard: one in the instant before a blocking call is heard only with the next one."""


def arm(deadline: Deadline) -> None:
    """Start the clock of `deadline` for this thread."""
    deadline.moment = monotonic() + deadline.seconds
    deadline.thread = threading.get_ident()
    if _alarm_is_ours():
        _alarms.append(deadline)
        _set_alarm()
    else:
        at(deadline.moment, lambda: _expire(deadline))
        with _lock:
            _threads.add(deadline)


def disarm(deadline: Deadline) -> None:
    """Stop the clock; an interrupt under way that has not arrived is taken back."""
    if deadline in _alarms:
        _alarms.remove(deadline)
        _set_alarm()
        return
    with _lock:
        _threads.discard(deadline)
        if deadline.expired:
            take_back(deadline.thread)


def at(moment: float, function: Callable[[], object]) -> None:
    """Call `function` at `moment` (monotonic seconds) in the timer thread; it must be short."""
    global _timer  # noqa: PLW0603 - one timer a process
    with _changed:
        heapq.heappush(_schedule, (moment, next(_order), function))
        if _timer is None or not _timer.is_alive():
            _timer = threading.Thread(target=_run, name="turnout-timer", daemon=True)
            _timer.start()
        _changed.notify()


def interrupt_thread(thread: int) -> None:
    """Throw an Interrupt into another thread."""
    _inject(thread, Interrupt)


def take_back(thread: int) -> None:
    """Forget an Interrupt that was thrown into a thread and has not arrived."""
    _inject(thread, None)


def _alarm_is_ours() -> bool:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return False
    handler = signal.getsignal(signal.SIGALRM)
    if handler is _on_alarm:
        return True
    if handler is not signal.SIG_DFL or signal.getitimer(signal.ITIMER_REAL)[0]:
        return False
    signal.signal(signal.SIGALRM, _on_alarm)
    return True


def _set_alarm() -> None:
    moments = [deadline.moment for deadline in _alarms if not deadline.expired]
    if moments:
        signal.setitimer(signal.ITIMER_REAL, max(min(moments) - monotonic(), 0.000_1), AGAIN_SECONDS)
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if not _alarms:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _on_alarm(_signal: int, _frame: FrameType | None) -> None:
    late = [deadline for deadline in _alarms if not deadline.expired and deadline.moment <= monotonic()]
    for deadline in late:
        deadline.expired = True
    _set_alarm()
    if late:
        raise Interrupt


def _expire(deadline: Deadline) -> None:
    with _lock:
        if deadline not in _threads:
            return
        deadline.expired = True
        _inject(deadline.thread, Interrupt)
    if deadline.expired_hook is not None:
        deadline.expired_hook()


def _inject(thread: int, kind: type[BaseException] | None) -> None:
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind) if kind else None)


def _run() -> None:
    while True:
        with _changed:
            while not _schedule or _schedule[0][0] > monotonic():
                _changed.wait(_schedule[0][0] - monotonic() if _schedule else None)
            function = heapq.heappop(_schedule)[2]
        function()


_alarms: list[Deadline] = []
_threads: set[Deadline] = set()
_lock = threading.Lock()
_changed = threading.Condition()
_schedule: list[tuple[float, int, Callable[[], object]]] = []
_order = count()
_timer: Any = None
