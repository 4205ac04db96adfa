"""Runners with threads of their own: a queue, the threads that serve it, and when one more is started.

A thread whose task waits for other tasks gives its place back meanwhile: one more may start, so no size deadlocks.
"""

from __future__ import annotations

import sys
from _queue import SimpleQueue
from _thread import get_ident, start_new_thread

from turnout.engine.futures import futures
from turnout.engine.futures.futures import _lock, blocked
from turnout.engine.runners.port import TaskRunner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ThreadedRunner(TaskRunner):
    """At most `threads` of them, and one more for each that waits. A None in the queue lets one thread go."""

    def __init__(self, threads: int) -> None:
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._threads = 0
        self._allowed = threads
        self._closed = False

    def close(self) -> None:
        """No task will come: let the threads go."""
        self._closed = True
        for _ in range(self._threads):
            self._queue.put(None)

    def worker_blocks(self) -> None:
        """The calling thread, or a lost one, runs nothing for now."""
        with _lock:
            self._allowed += 1
        self._grow()

    def worker_resumes(self) -> None:
        """The opposite of `worker_blocks`."""
        with _lock:
            self._allowed -= 1

    def _is_short(self) -> bool:
        """Whether one more thread would find something to do."""
        return not self._queue.empty()

    def _serve(self) -> None:
        """What a thread does as long as it is needed; it takes itself out of `_threads`."""
        raise NotImplementedError

    def _grow(self) -> None:
        if self._threads < self._allowed and self._is_short():
            with _lock:
                if self._threads >= self._allowed:
                    return
                self._threads += 1
            start_new_thread(self._work, ())

    def _work(self) -> None:
        me = get_ident()
        blocked.pools[me] = self
        _trace_like_threading()
        try:
            self._serve()
        finally:
            del blocked.pools[me]
            if futures.loops is not None:
                futures.loops.close_own()


def _trace_like_threading() -> None:
    """What `threading.Thread` does for coverage, profilers and debuggers; a thread made below it has to do itself."""
    threading = sys.modules.get("threading")
    if threading is not None:
        if trace := threading.gettrace():
            sys.settrace(trace)
        if profile := threading.getprofile():
            sys.setprofile(profile)
