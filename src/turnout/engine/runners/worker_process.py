"""What a worker process does: read a request, run it in its main thread, answer; until its input ends."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from contextlib import suppress

from turnout.engine.runners.frames import read_frame, write_frame
from turnout.engine.runners.pickling import in_worker
from turnout.engine.runners.receiving import Workplace
from turnout.engine.runs import tracebacks
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_F_SETSIG = 10
_busy = False


def main(requests: int, answers: int, guard: int) -> NoReturn:
    """Serve until the flow process closes `requests`. S: a setting; C: a call; E: a run is over; I: initialize."""
    _die_with(guard)
    _close_in_forks(requests, answers, guard)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the flow, which stops its tasks
    signal.signal(signal.SIGTERM, _on_term)
    faulthandler.enable()
    in_worker()
    workplace = Workplace()
    with suppress(OSError):  # nobody listens any more
        while (frame := read_frame(requests)) is not None:
            _serve(workplace, memoryview(frame), answers)
    workplace.end_all()
    _leave()


def _serve(workplace: Workplace, frame: memoryview, answers: int) -> None:
    kind, body = frame[0], frame[1:]
    if kind == ord("S"):
        workplace.learn(body)
        write_frame(answers, b"done")
    elif kind == ord("C"):
        write_frame(answers, _run(workplace, body))
    elif kind == ord("I"):
        write_frame(answers, _initialize(workplace, body))
    else:
        workplace.end(bytes(body).decode())
        write_frame(answers, b"done")


def _initialize(workplace: Workplace, body: memoryview) -> bytes:
    """The traceback of an initializer that failed; nothing if it did not."""
    try:
        function, arguments = workplace.load(body)
        function(*arguments)
    except Exception as error:
        return tracebacks.text(tracebacks.trim(error)).encode("utf-8", "replace")
    return b""


def _run(workplace: Workplace, body: memoryview) -> bytes:
    global _busy  # noqa: PLW0603
    _busy = True
    try:
        return workplace.execute(body)
    finally:
        _busy = False


def _on_term(_signal: int, _frame: FrameType | None) -> None:
    if not _busy:
        _leave()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; KILL comes after the grace
    raise Interrupt


def _die_with(guard: int) -> None:
    """Have the kernel kill this process's group when the flow process is gone, even while native code runs here."""
    try:
        import fcntl

        if sys.platform != "linux":
            raise OSError
        fcntl.fcntl(guard, _F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(guard, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(guard, fcntl.F_SETFL, fcntl.fcntl(guard, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:
        import threading

        threading.Thread(target=_watch, args=(guard,), name="turnout-guard", daemon=True).start()


def _watch(guard: int) -> None:
    os.read(guard, 1)
    os.killpg(os.getpid(), signal.SIGKILL)


def _close_in_forks(*descriptors: int) -> None:
    """A process that the task forks must not keep the pipes open: the flow would not see this one die."""

    def close() -> None:
        for descriptor in descriptors:
            with suppress(OSError):
                os.close(descriptor)

    os.register_at_fork(after_in_child=close)


def _leave() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(0)
