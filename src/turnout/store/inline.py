"""Writing on the caller's thread: for scripts and the simulator."""

from _thread import allocate_lock, get_ident  # not `threading`: a script that needs no more starts sooner
from collections.abc import Callable
from typing import Any, TypeVar

from turnout.core.errors import StoreUnavailable
from turnout.store.commits import Committing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


class InlineWriter:
    """The same interface as `writer.WriterThread`, without a thread."""

    def __init__(self, commits: Committing) -> None:
        self._commits = commits
        self._lock = allocate_lock()
        self._owner: int | None = None
        self._open = True

    def write(self, fn: Callable[[Any], T]) -> T:
        """Run `fn` in a transaction of its own; return after COMMIT."""
        if self._owner == get_ident():
            raise RuntimeError("store.write inside a write transaction would wait for itself: use its tx")
        with self._lock:
            if not self._open:
                raise StoreUnavailable("the store is closed")
            self._owner = get_ident()
            try:
                [outcome] = self._commits.run([fn])
            finally:
                self._owner = None
        if outcome.error is not None:
            raise outcome.error
        value: T = outcome.value
        return value

    def submit(self, fn: Callable[[Any], T]) -> "Future[T]":
        """`write`, with its outcome in a finished future."""
        # Loaded on use: scripts never submit, and concurrent.futures brings logging with it (15 ms).
        from concurrent.futures import Future

        future: Future[T] = Future()
        try:
            future.set_result(self.write(fn))
        except BaseException as error:  # the future carries it to whoever asks
            future.set_exception(error)
        return future

    def stop(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._open:
                self._open = False
                self._commits.close()
