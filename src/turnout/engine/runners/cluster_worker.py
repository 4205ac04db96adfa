"""What a Dask or Ray worker runs: one call, among others on other threads of the process."""

from __future__ import annotations

import os
from _thread import start_new_thread

from turnout.engine.clock import monotonic
from turnout.engine.futures.futures import Latch, _lock
from turnout.engine.runners.pickling import in_worker
from turnout.engine.runners.receiving import Workplace, answered_late, lost_answer
from turnout.engine.stopping.interrupts import Interruptible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GRACE_SECONDS = 1.0
"""How long after its timeout a task may go on before it counts as stuck."""
STUCK_EXIT = 86
_workplace = Workplace()
_running: dict[str, Any] = {}
"""Call -> its `Interruptible`, or the process in which it runs alone."""


def execute_alone(
    setting: bytes, key: str, frame: bytes, seconds: float | None, call: str
) -> tuple[bytes | bytearray, None]:
    """Run the call `call` in a process of its own beside this one: its answer."""
    from turnout.engine.runners import processes

    process = processes.take()
    with _lock:
        _running[call] = process
    try:
        if key not in process.known:
            process.call(b"S" + setting)
            process.known.add(key)
        answer = processes.exchange(process, b"C" + frame, seconds, sliced=True)
    except processes.ProcessLost as lost:
        return lost_answer(process.stopped_for, str(lost)), None
    except BaseException:
        process.abandon(processes.STOPPED)
        raise
    finally:
        with _lock:
            del _running[call]
    if answered_late(answer):
        process.stop(processes.TIMED_OUT)
    processes.give_back(process)
    return answer, None


def execute(setting: bytes, key: str, frame: bytes, seconds: float | None, call: str) -> tuple[bytes, int]:
    """Run the call `call`: its answer, and the stream that this process has in the run."""
    in_worker()
    if not _workplace.knows(key):
        _workplace.learn(setting)
    interruptible = Interruptible()
    with _lock:
        _running[call] = interruptible
    try:
        answer = _in_time(frame, seconds, interruptible)
    finally:
        with _lock:
            del _running[call]
    return answer, _workplace.stream_of(key)


def interrupt(call: str) -> None:
    """Throw an Interrupt into the call's code, if it runs here."""
    with _lock:
        running = _running.get(call)
    if isinstance(running, Interruptible):
        running.interrupt()
    elif running is not None:
        running.stop("the flow was stopped")


def _in_time(frame: bytes, seconds: float | None, interruptible: Interruptible) -> bytes:
    if seconds is None:
        return _workplace.execute(frame, interruptible)
    import threading

    if threading.current_thread() is threading.main_thread():
        return _in_time_alone(frame, seconds, interruptible)
    answers: list[bytes] = []
    done = Latch()

    def run() -> None:
        answers.append(_workplace.execute(frame, interruptible))
        done.set()

    start_new_thread(run, ())
    done.block(seconds + GRACE_SECONDS)
    return answers[0] if answers else _workplace.stuck()


def _in_time_alone(frame: bytes, seconds: float, interruptible: Interruptible) -> bytes:
    """In a process that runs nothing else: native code that goes on past its time ends with it."""
    from turnout.engine.stopping.timers import at

    over: list[bool] = []
    at(monotonic() + seconds + GRACE_SECONDS, lambda: None if over else os._exit(STUCK_EXIT))
    try:
        return _workplace.execute(frame, interruptible)
    finally:
        over.append(True)
