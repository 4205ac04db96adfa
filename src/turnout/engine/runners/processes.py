"""Worker processes of this flow process: started fresh (never forked from threads), kept warm, replaced when they die.

Each leads a process group, which dies with it and with the flow process: the child's end of a guard pipe makes the
kernel kill the group when this process is gone, however it went.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import subprocess
import sys
from _thread import start_new_thread
from contextlib import suppress
from threading import RLock

from turnout.core.errors import ConfigurationError
from turnout.engine.clock import monotonic
from turnout.engine.runners.frames import read_frame, write_frame
from turnout.engine.runners.pickling import MAIN_ALIAS
from turnout.engine.runners.reasons import STOPPED, TIMED_OUT

__all__ = ["STOPPED", "TIMED_OUT", "ProcessLost", "WorkerProcess", "end_run", "end_run_in", "exchange", "give_back",
           "how_it_ended", "take"]  # fmt: skip

GRACE_SECONDS = 1.0
"""Between asking a task's process to stop and killing it. Shorter than what a flow waits for its tasks."""
SLICE_MILLISECONDS = 50
KEPT = max(2, os.cpu_count() or 1)
"""So many idle processes are kept for the next flow run."""
_START = "import sys; sys.path[:] = {path!r}; from turnout.engine.runners.worker_process import main; main({fds})"


class ProcessLost(Exception):
    """The process is gone; the message says how, as `was killed by SIGKILL ...`."""


class WorkerProcess:
    """One child. One thread at a time calls it; any thread may stop it."""

    def __init__(self) -> None:
        theirs, self._requests = os.pipe()
        self._answers, theirs_too = os.pipe()
        guarded, self._guard = os.pipe()
        ends = (theirs, theirs_too, guarded)
        code = _START.format(path=[folder or os.getcwd() for folder in sys.path], fds=", ".join(map(str, ends)))
        try:
            self._popen = subprocess.Popen(
                [sys.executable, *_interpreter_flags(), "-c", code],
                stdin=subprocess.DEVNULL, pass_fds=ends, process_group=0,
            )  # fmt: skip
        except BaseException:
            self._close()
            raise
        finally:
            for descriptor in ends:
                os.close(descriptor)
        self.pid = self._popen.pid
        self.known: set[str] = set()
        """The settings that it was told."""
        self.prepared: bytes | None = None
        """The request by which its initializer was called."""
        self.streams: dict[str, int] = {}
        """Crew -> the stream that this process has in its run."""
        self._lock = RLock()
        self._gone = False
        self._stopped: str | None = None
        _living.add(self)

    def call(self, frame: bytes, *, sliced: bool = False) -> bytes | bytearray:
        """The answer to a request. Raises ProcessLost. sliced: wait so that an exception that another thread throws
        into this one arrives soon."""
        answer: bytes | bytearray | None = None
        with suppress(OSError):  # it died while it was written to
            write_frame(self._requests, frame)
            if sliced:
                self._wait()
            answer = read_frame(self._answers)
        if answer is None:
            raise ProcessLost(self._bury())
        return answer

    def abandon(self, why: str) -> None:
        """`stop`, and see to its end in another thread."""
        self.stop(why)
        start_new_thread(self._see_off, ())

    def _see_off(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(GRACE_SECONDS)
        self.discard()

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        while not poll.poll(SLICE_MILLISECONDS):
            pass

    def stop(self, why: str, grace: float = GRACE_SECONDS) -> None:
        """End it for `why`: TERM to its group, and KILL after `grace` seconds. Returns at once."""
        from turnout.engine.stopping.timers import at

        if self._signal(why, signal.SIGTERM):
            at(monotonic() + grace, lambda: self.kill(why))

    def kill(self, why: str) -> None:
        """End it and all that it started, now."""
        self._signal(why, signal.SIGKILL)

    @property
    def stopped_for(self) -> str | None:
        """Why this side stopped it, if it did."""
        return self._stopped

    def is_alive(self) -> bool:
        """Whether it may be given work."""
        return not self._gone and self._stopped is None and self._popen.poll() is None

    def discard(self) -> None:
        """Kill what is left of it and take it off the kernel's list."""
        self.kill("it is not needed any more")
        self._bury()

    def _signal(self, why: str, number: int) -> bool:
        with self._lock:
            if self._gone:
                return False
            self._stopped = self._stopped or why
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
        return True

    def _bury(self) -> str:
        """Its group killed, its pipes closed, itself reaped; how it ended, in words."""
        with self._lock:
            if not self._gone:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
                self._popen.wait()
                self._gone = True
                self._close()
                _living.discard(self)
        return how_it_ended(self._popen.returncode)

    def _close(self) -> None:
        for descriptor in (self._requests, self._answers, self._guard):
            if descriptor >= 0:
                os.close(descriptor)
        self._requests = self._answers = self._guard = -1

    def _forget(self) -> None:
        """In a forked child of the flow process: it is the parent's."""
        self._close()
        self._gone = True
        self._popen.returncode = 0


def take(prepared: bytes | None = None) -> WorkerProcess:
    """A process that waits for work: a warm one that was `prepared` in this way, or a new one."""
    with _idle_lock:
        fitting = [process for process in reversed(_idle) if process.prepared == prepared]
        for process in fitting:
            _idle.remove(process)
            if process.is_alive():
                return process
            process.discard()
    _check_platform()
    sys.modules.setdefault(MAIN_ALIAS, sys.modules["__main__"])  # what a worker's pickles call the script
    return WorkerProcess()


def exchange(process: WorkerProcess, frame: bytes, seconds: float | None, *, sliced: bool) -> bytes | bytearray:
    """The answer to a call; the process is killed when the call goes on for longer than its time and the grace. Raises
    ProcessLost."""
    if seconds is None:
        return process.call(frame, sliced=sliced)
    from turnout.engine.stopping.timers import at

    over: list[bool] = []
    at(monotonic() + seconds + GRACE_SECONDS, lambda: None if over else process.kill(TIMED_OUT))
    try:
        return process.call(frame, sliced=sliced)
    finally:
        over.append(True)


def give_back(process: WorkerProcess) -> None:
    """`process` has answered; it may serve again, unless it was stopped."""
    if process.is_alive():
        with _idle_lock:
            _idle.append(process)
    else:
        process.discard()


def end_run(crew: str) -> None:
    """The run is over: its idle processes close the streams that they have in it, and only some are kept."""
    with _idle_lock:
        processes = [process for process in _idle if crew in process.streams]
        surplus = _idle[: max(0, len(_idle) - KEPT)]
        del _idle[: len(surplus)]
    for process in processes:
        end_run_in(process, crew)
    for process in surplus:
        process.discard()


def end_run_in(process: WorkerProcess, crew: str) -> None:
    """`process`, which nobody else uses, closes what it has of this run."""
    process.streams.pop(crew, None)
    process.known = {key for key in process.known if not key.startswith(f"{crew}.")}
    with suppress(ProcessLost):
        if process.is_alive():
            process.call(b"E" + crew.encode())


def how_it_ended(status: int) -> str:
    """An exit status in words that follow `the process ...`."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was killed by {name}{_HINTS.get(name, '')}"


def _check_platform() -> None:
    if os.name != "posix":
        raise ConfigurationError("worker processes need a POSIX system", fix="use ThreadPoolTaskRunner")


def _interpreter_flags() -> list[str]:
    """The options that this interpreter was started with, as multiprocessing passes them on."""
    flags = getattr(subprocess, "_args_from_interpreter_flags", None)
    return flags() if flags is not None else []


def _end_all() -> None:
    for process in list(_living):
        process.discard()


def _after_fork_in_child() -> None:
    global _idle_lock  # noqa: PLW0603
    _idle_lock = RLock()
    _idle.clear()
    for process in list(_living):
        process._forget()
    _living.clear()


_HINTS = {
    "SIGKILL": ": by hand, or because memory ran out",
    "SIGSEGV": ": native code used memory that is not its own",
}
_living: set[WorkerProcess] = set()
_idle: list[WorkerProcess] = []
_idle_lock = RLock()
atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
