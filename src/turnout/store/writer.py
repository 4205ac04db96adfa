"""The writer thread: drains a queue of functions and commits what waits together."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from turnout.core.errors import StoreUnavailable
from turnout.store.commits import Committing, Outcome, Work

T = TypeVar("T")
GROUP = 256
"""The most functions in one commit: bounds how long the first of them waits."""


class WriterThread:
    """Owns the writing connection between `start` and `stop`."""

    def __init__(self, commits: Committing) -> None:
        self._commits = commits
        self._queue: SimpleQueue[tuple[Work, Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="turnout-writer", daemon=True)
        self._gate = threading.Lock()
        self._open = True
        self._thread.start()

    def submit(self, fn: Callable[[Any], T]) -> "Future[T]":
        """Queue `fn`; the future resolves after its COMMIT."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._gate:
            if not self._open:
                raise StoreUnavailable("the store is closed")
            self._queue.put((fn, future))
        return future

    def write(self, fn: Callable[[Any], T]) -> T:
        """`submit` and wait."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("store.write inside a write transaction would wait for itself: use its tx")
        return self.submit(fn).result()

    def stop(self) -> None:
        """Commit what is queued, end the thread, close the connection."""
        with self._gate:
            if not self._open:
                return
            self._open = False
            self._queue.put(None)
        self._thread.join()
        self._commits.close()

    def _loop(self) -> None:
        going = True
        while going:
            group, going = self._take()
            outcomes = self._run([work for work, _ in group]) if group else []
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if outcome.error is None:
                    future.set_result(outcome.value)
                else:
                    future.set_exception(outcome.error)

    def _run(self, group: list[Work]) -> list[Outcome]:
        try:
            return self._commits.run(group)
        except BaseException as error:  # whoever waits must hear of it, and the next group must be tried
            return [Outcome(error=error) for _ in group]

    def _take(self) -> tuple[list[tuple[Work, "Future[Any]"]], bool]:
        """Wait for work, then take what else is there; False once asked to stop."""
        group: list[tuple[Work, Future[Any]]] = []
        item = self._queue.get()
        try:
            while item is not None:
                group.append(item)
                if len(group) == GROUP:
                    return group, True
                item = self._queue.get_nowait()
        except Empty:
            return group, True
        return group, False
