"""A small file system in memory that can be filled and freed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_CHUNK = bytes(65536)


class Room:
    """A folder on a disk of `megabytes`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leave: int = 0) -> None:
        """Use up what is free, but for `leave` bytes."""
        free = self.free()
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            left = free - leave
            while left > 0:
                left -= file.write(_CHUNK[:left])

    def clear(self) -> None:
        """Make room again."""
        self._ballast.unlink(missing_ok=True)

    def free(self) -> int:
        """Bytes that can still be written."""
        status = os.statvfs(self.folder)
        return status.f_bavail * status.f_frsize


def why_not() -> str | None:
    """Why no disk can be made here; None where it can."""
    try:
        with small_disk(1):
            return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no file system can be mounted here: {error}"


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Room]:
    """Mounted, and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="turnout-disk-") as folder:
        options = f"size={megabytes}m,mode=0700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
        try:
            yield Room(Path(folder))
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True, capture_output=True)
