"""The right to write a store: an exclusive `flock` on `turnout.lock`, held by one process at a time."""

import errno
import fcntl
import os

from turnout.core.errors import StoreLocked, StoreUnavailable


class StoreLock:
    """Held from construction until `release`, or until the process is gone. The file names its holder."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._held() from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others have it. Unlocks explicitly: a forked child may still have the descriptor open."""
        if self._descriptor >= 0:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = -1

    def _held(self) -> StoreLocked:
        holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
        os.close(self._descriptor)
        self._descriptor = -1
        return StoreLocked(
            f"process {holder or 'unknown'} holds the store",
            where=self._path,
            fix="use that server, or stop it first (its process id is in the file)",
        )


def unwritable(folder: str, error: OSError) -> StoreUnavailable:
    """What it means that a data folder cannot be made or written."""
    what, fix = _WHY.get(error.errno or 0, ("cannot be used", "check the folder, its disk and the system's log"))
    return StoreUnavailable(f"the data folder {what}: {error.strerror}", where=folder, fix=fix)


_WHY = {
    errno.EROFS: ("is read-only", "mount its disk for writing, or name another folder (TURNOUT_DATA)"),
    errno.EACCES: ("may not be written", "give the user that runs Turnout the right to write it, or name another"),
    errno.EPERM: ("may not be written", "let the user that runs Turnout own it, or name another"),
    errno.ENOSPC: ("has no room", "make room on its disk; nothing that was acknowledged is lost"),
    errno.ENOTDIR: ("is no folder", "name another (TURNOUT_DATA)"),
    errno.EEXIST: ("is no folder", "name another (TURNOUT_DATA)"),
}
