"""The spool: where a run's entries go, one `write(2)` each, before the call that caused them returns."""

from __future__ import annotations

import errno
import os
from _thread import RLock

from turnout.core.errors import Conflict
from turnout.engine import clock
from turnout.engine.journal.entries import VISIBLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Journal(Protocol):
        """Where entries go. `write` takes whole lines and returns when they are kept. All threads may call it."""

        def write(self, lines: str) -> None: ...
        def close(self, end: str | None) -> None:
            """Write the END line, if given, and let go."""
            ...


ROOM_SECONDS = 600.0
"""How long a run waits on a full disk before it goes on without a record."""
_ROOM_PAUSE = 0.2
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class SpoolJournal:
    """A spool file, locked for the writer's life. It appears under its name only once it is locked and has a header.

    While the disk is full, writers wait. A write that it refuses for good leaves no torn line: the file is cut back,
    `broken` is set, and the run goes on without a record (its reader will call it crashed). A forked child's copy is
    closed at once: it writes nothing and does not hold the lock.
    """

    __slots__ = ("__weakref__", "_durable", "_fd", "_lock", "_size", "broken", "path")

    def __init__(self, path: str, header: str) -> None:
        self.path = path
        self.broken: OSError | None = None
        self._lock = RLock()  # re-entrant: a signal handler or a finalizer of the user may log
        self._size = 0
        self._durable = False
        draft = path + ".new"
        self._fd = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _lock_file(self._fd)
            self.write(header)
            if os.path.exists(path):
                raise Conflict(f"the spool {path} exists already", fix="start the attempt under a new number")
            os.rename(draft, path)
        except BaseException:
            os.close(self._fd)
            os.unlink(draft)
            raise
        _open.add(self)

    def write(self, lines: str) -> None:
        data = lines.encode("utf-8", VISIBLE)
        with self._lock:
            if self._fd < 0:
                return
            try:
                self._append(data)
            except OSError as error:
                self._give_up(error)

    def close(self, end: str | None) -> None:
        with self._lock:
            if end is not None:
                self.write(end)
            if self._durable and self.broken is None:
                self.sync()
            self.abandon()

    def make_durable(self) -> None:
        """From now on the file is found after a power loss, and its end is on disk when `close` returns."""
        self._durable = True
        folder = os.open(os.path.dirname(self.path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.sync()

    def sync(self) -> None:
        """Return once what was written is on disk. Raises the OSError for which the journal was given up; nothing to
        wait for once it was let go."""
        with self._lock:
            copy = os.dup(self._fd) if self._fd >= 0 else -1
        if copy < 0:
            if self.broken is not None:
                raise self.broken
            return
        try:
            os.fdatasync(copy)  # others write meanwhile
        finally:
            os.close(copy)

    def abandon(self) -> None:
        """Let go without a word."""
        descriptor, self._fd = self._fd, -1
        _open.discard(self)
        if descriptor >= 0:
            os.close(descriptor)

    def _append(self, data: bytes) -> None:
        left: bytes | memoryview = data
        deadline = None
        try:
            while left:
                try:
                    written = os.write(self._fd, left)
                    if written == len(left):
                        break
                    left = memoryview(left)[written:]  # not all: the disk is nearly full, or a signal came
                except OSError as error:
                    if error.errno not in _NO_ROOM:
                        raise
                    deadline = self._wait_for_room(error, deadline)
        except BaseException:
            # Also for what a signal handler raises: nothing may follow half a line.
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)

    def _wait_for_room(self, error: OSError, deadline: float | None) -> float:
        """Pause, having said once that the run waits; raises `error` once the time is up."""
        if deadline is None:
            deadline = clock.monotonic() + ROOM_SECONDS
            os.write(2, f"turnout: the disk is full: the run waits for room ({self.path})\n".encode(errors="replace"))
        elif clock.monotonic() > deadline:
            raise error
        clock.sleep(_ROOM_PAUSE)
        return deadline

    def _give_up(self, error: OSError) -> None:
        self.broken = error
        os.write(2, f"turnout: the run is no longer recorded: {error} ({self.path})\n".encode(errors="replace"))
        self.abandon()


class MemoryJournal:
    """Lines in a list, for the test harness."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, lines: str) -> None:
        text = lines.encode("utf-8", VISIBLE).decode()
        self.lines.extend(text.split("\n")[:-1])  # not splitlines: U+2028 ends no entry

    def close(self, end: str | None) -> None:
        if end is not None:
            self.write(end)


class NullJournal:
    """Keeps nothing: recording is switched off, or there is no run."""

    def write(self, lines: str) -> None:
        pass

    def close(self, end: str | None) -> None:
        pass


_open: set[SpoolJournal] = set()


def _lock_file(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: the ingesting side judges by the writer's pid
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _after_fork_in_child() -> None:
    for journal in list(_open):
        journal._lock = RLock()  # the thread that held it does not exist here
        journal.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
