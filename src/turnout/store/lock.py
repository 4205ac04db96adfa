"""The right to write a store: an exclusive `flock` on `turnout.lock`, held by one process at a time."""

import fcntl
import os

from turnout.core.errors import StoreLocked


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
