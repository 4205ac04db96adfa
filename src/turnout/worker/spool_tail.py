"""Reads a spool that its writer is still appending to: complete lines, in order, each with its number."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_END = re.compile(rb'\["e",')
_FLOW_STATE = re.compile(
    rb'\["s",\s*0,\s*"(completed|failed|cancelled|crashed|paused(?=",\s*[0-9.]+,\s*\{"name":"Suspended"))"'
)


class Batch(NamedTuple):
    """Whole lines, newline-ended. first: number of the first line; length: how many."""

    first: int
    lines: bytes
    length: int

    @classmethod
    def of(cls, first: int, lines: Sequence[bytes]) -> "Batch":
        """Lines without their newlines as a batch."""
        return cls(first, b"\n".join([*lines, b""]), len(lines))

    def since(self, number: int) -> "Batch | None":
        """The lines from `number` on; None if all are before it."""
        skipped = max(0, number - self.first)
        if not skipped:
            return self
        return None if skipped >= self.length else Batch.of(number, self.lines[:-1].split(b"\n")[skipped:])


class SpoolTail:
    """A position in one stream's file. Lines before it have been stored by the server."""

    def __init__(self, path: Path, stream: int) -> None:
        self.path = path
        self.stream = stream
        self.number = 0
        self.ended = False
        self.outcome: str | None = None
        """The root flow's last state, once a line that says so was stored: a final one, or that it was suspended."""
        self._offset = 0
        self._synced = 0
        self._descriptor: int | None = None

    def has_news(self) -> bool:
        """Whether the file has grown since the position. Cheap: one fstat."""
        descriptor = self._open()
        return descriptor is not None and os.fstat(descriptor).st_size > self._offset

    def read(self, size: int, *, hold_back: bytes | None = None) -> Batch | None:
        """The next lines, about `size` bytes of them but at least one line; None if there is no whole line.

        What is returned has been synced to disk, and so has the file's name. With `hold_back`, reading stops before
        the line in which the root flow enters that state.
        """
        descriptor = self._open()
        if descriptor is None:
            return None
        lines = self._whole_lines(descriptor, size)
        if hold_back is not None:
            lines = _before_state(lines, hold_back)
        if not lines:
            return None
        if self._offset + len(lines) > self._synced:
            length = os.fstat(descriptor).st_size
            os.fdatasync(descriptor)
            if not self._synced:
                self._sync_name()
            self._synced = length
        return Batch(self.number, lines, lines.count(b"\n"))

    def advance(self, batch: Batch, acked: int) -> None:
        """The server has stored `batch` and everything up to line `acked`, which may be further on."""
        self._offset += len(batch.lines)
        self.number += batch.length
        self._note(batch.lines)
        while self.number <= acked and (skipped := self._next_line()):
            self._offset += len(skipped)
            self.number += 1
            self._note(skipped)

    def rewind(self) -> None:
        """Start again from line 0: the server has less than it once said."""
        self._offset = self.number = 0

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int | None:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
        return self._descriptor

    def _sync_name(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _whole_lines(self, descriptor: int, size: int) -> bytes:
        chunk = os.pread(descriptor, size, self._offset)
        end = chunk.rfind(b"\n") + 1
        while not end and len(chunk) >= size:  # one line longer than a batch: it goes alone
            size *= 2
            chunk = os.pread(descriptor, size, self._offset)
            end = chunk.find(b"\n") + 1
        return chunk[:end]

    def _next_line(self) -> bytes:
        descriptor = self._open()
        if descriptor is None:
            return b""
        lines = self._whole_lines(descriptor, 65536)
        return lines[: lines.find(b"\n") + 1]

    def _note(self, lines: bytes) -> None:
        if b'["e"' in lines:
            self.ended = self.ended or any(_END.match(line) for line in lines.split(b"\n"))
        if self.stream == 0:
            for match in _FLOW_STATE.finditer(lines):
                if match.start() == 0 or lines[match.start() - 1] == 0x0A:
                    self.outcome = match[1].decode()


def _before_state(lines: bytes, state: bytes) -> bytes:
    for match in _FLOW_STATE.finditer(lines):
        if match[1] == state and (match.start() == 0 or lines[match.start() - 1] == 0x0A):
            return lines[: match.start()]
    return lines
