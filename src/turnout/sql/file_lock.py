"""A lock between processes that dies with its holder, and tells who that is."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: the database's own lock is all there is
    fcntl = None  # type: ignore[assignment]

PAUSES = (0.005, 0.01, 0.02, 0.05, 0.1)
"""Seconds between tries: quick at first, then ten a second. Short, so that a cancelled run stops waiting at once."""


class FileLock:
    """An exclusive flock on `path`; the file's text names the holder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, waiting: Callable[[str], None]) -> None:
        """Wait for the lock; `waiting` is called once, with the holder's name, if it is not free."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _try(descriptor):
                waiting(os.pread(descriptor, 200, 0).decode(errors="replace").strip())
                self._wait(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @staticmethod
    def _wait(descriptor: int) -> None:
        # Not a blocking flock: a thread inside it could not be told to stop.
        pause, turn = threading.Event(), 0
        while not _try(descriptor):
            pause.wait(PAUSES[min(turn, len(PAUSES) - 1)])
            turn += 1


def _try(descriptor: int) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
