"""A disk whose power fails: what was written and not synced is kept, dropped or torn, as chance has it.

SQLite reaches it as a VFS of apsw. A file has what is durable, what a reader sees now, and the writes between. A sync
makes a file durable, its name included. At a power loss each file keeps its durable bytes and some of the writes
since: a prefix, any subset, or parts of 512 bytes of any of them.
"""

from __future__ import annotations

import random
from typing import Any

import apsw

SECTOR = 512
_MODES = ("none", "prefix", "subset", "torn")


class PowerLost(Exception):
    """The machine is off."""


class File:
    """Bytes, and the writes since the last sync."""

    def __init__(self, content: bytes = b"") -> None:
        self.durable = bytearray(content)
        self.now = bytearray(content)
        self.pending: list[tuple[int, bytes | None]] = []
        """(offset, data), or (size, None) for a truncation."""

    def write(self, data: bytes, offset: int) -> None:
        _write(self.now, data, offset)
        self.pending.append((offset, data))

    def truncate(self, size: int) -> None:
        del self.now[size:]
        self.pending.append((size, None))

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, change)
        self.pending.clear()

    def after_power_loss(self, chance: random.Random) -> bytes:
        """What is on the disk when the power is back."""
        survived = bytearray(self.durable)
        mode = chance.choice(_MODES)
        if mode == "prefix":
            kept = self.pending[: chance.randint(0, len(self.pending))]
        else:
            kept = [] if mode == "none" else [change for change in self.pending if chance.random() < 0.5]
        for change in kept:
            for part in _torn(change, chance) if mode == "torn" else [change]:
                _apply(survived, part)
        return bytes(survived)


class Disk(apsw.VFS):
    """Files by name. `fuse`: after how many writes, syncs and truncations the power fails; None: not yet."""

    _serial = 0

    def __init__(self, chance: random.Random) -> None:
        Disk._serial += 1
        self.name = f"power-{Disk._serial}"
        self.files: dict[str, File] = {}
        self.fuse: int | None = None
        self.is_off = False
        self.operations = 0
        self._chance = chance
        self._silent = False
        super().__init__(self.name, "")

    def spend(self) -> bool:
        """Note an operation that changes the disk; whether it still happens. Raises PowerLost when the power fails."""
        if self._silent:
            return False
        self.operations += 1
        if self.is_off or (self.fuse is not None and self.operations >= self.fuse):
            self.is_off = True
            raise PowerLost
        return True

    def fail(self) -> None:
        """No operation reaches the disk from here; connections may still be closed."""
        self.is_off = self._silent = True

    def restart(self, fuse: int | None) -> None:
        """The power is back; it fails again after `fuse` operations."""
        self.files = {name: File(file.after_power_loss(self._chance)) for name, file in self.files.items()}
        self.operations, self.fuse = 0, fuse
        self.is_off = self._silent = False

    def image(self) -> dict[str, bytes]:
        """Every file as it is seen now."""
        return {name: bytes(file.now) for name, file in self.files.items()}

    def load(self, image: dict[str, bytes]) -> None:
        """Put these files, all durable, in the place of what is there."""
        self.files = {name: File(content) for name, content in image.items()}

    # -- what SQLite calls

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        text = "" if name is None else str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        flags[1] = flags[0]
        if not text:
            return _Open(self, File())
        if text not in self.files:
            if self.is_off:
                raise PowerLost
            self.files[text] = File()
        return _Open(self, self.files[text])

    def xFullPathname(self, name: str) -> str:
        return name

    def xAccess(self, path: str, flags: int) -> bool:
        return path in self.files

    def xDelete(self, path: str, sync: bool) -> None:
        if self.spend():
            self.files.pop(path, None)


class _Open:
    """One open file of the disk; there is one process, so locks are always given."""

    def __init__(self, disk: Disk, file: File) -> None:
        self._disk = disk
        self._file = file

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._file.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        if self._disk.spend():
            self._file.write(bytes(data), offset)

    def xTruncate(self, size: int) -> None:
        if self._disk.spend():
            self._file.truncate(size)

    def xSync(self, flags: int) -> None:
        if self._disk.spend():
            self._file.sync()

    def xFileSize(self) -> int:
        return len(self._file.now)

    def xClose(self) -> None:
        pass

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0  # nothing is promised: no atomic writes, no order, no safe appends


def _write(content: bytearray, data: bytes, offset: int) -> None:
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _apply(content: bytearray, change: tuple[int, bytes | None]) -> None:
    offset, data = change
    if data is None:
        del content[offset:]
    else:
        _write(content, data, offset)


def _torn(change: tuple[int, bytes | None], chance: random.Random) -> list[tuple[int, bytes | None]]:
    offset, data = change
    if data is None:
        return [change]
    parts = [(offset + at, data[at : at + SECTOR]) for at in range(0, len(data), SECTOR)]
    return [part for part in parts if chance.random() < 0.5]
