"""Whether the disk of the spool has room: what a full one makes of a call, and when to try again."""

import errno
import os
from pathlib import Path

from turnout.worker import clock

NO_ROOM = 5
"""The exit code of a supervisor that found the disk full before its flow began."""
LOOK_SECONDS = 5.0
ROOM_BYTES = 1 << 20
"""What must be writable before work is taken again."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: BaseException) -> bool:
    """Whether `error` says that the disk is full."""
    return isinstance(error, OSError) and error.errno in _FULL


def has_room(folder: Path, size: int = ROOM_BYTES) -> bool:
    """Whether `size` bytes can be written to a file of `folder`, and synced: asked by doing it."""
    path = folder / f".room.{os.getpid()}.new"  # a draft's name: a worker that is killed leaves nothing for ever
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            view = memoryview(bytes(size))
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


class Room:
    """Room until someone found none; from then on looked for, not often, until it is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._look_at: float | None = None

    def ran_out(self) -> None:
        """A write found the disk full."""
        self._look_at = clock.monotonic() + LOOK_SECONDS

    def is_there(self) -> bool:
        """Whether something new may be begun."""
        if self._look_at is None:
            return True
        now = clock.monotonic()
        if now < self._look_at:
            return False
        self._look_at = None if has_room(self._folder) else now + LOOK_SECONDS
        return self._look_at is None
