"""What a flow prints: pipes to lines, lines to the journal's stream 1."""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from turnout.core.journal import SUPERVISOR_STREAM
from turnout.core.limits import LOG_LINE_BYTES
from turnout.core.redaction import redact
from turnout.worker import clock

MARKER_ROOM = 100
ROOM_SECONDS = 600.0
"""How long a flow whose output finds no room is held up before lines are dropped."""


class LineSplitter:
    """Bytes in, lines out. A line beyond the limit is cut and says so; memory stays bounded.

    limit: bytes of UTF-8, without the marker; bytes that are no UTF-8 count as the escapes that they become.
    masks: texts to blot out, before the cut, which could leave half of one.
    """

    def __init__(self, limit: int = LOG_LINE_BYTES - MARKER_ROOM, masks: Iterable[str] = ()) -> None:
        self._limit = limit
        self._masks = sorted((mask for mask in masks if mask), key=len, reverse=True)
        self._margin = max((len(mask.encode()) for mask in self._masks), default=0)
        self._kept = bytearray()
        self._length = 0

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes."""
        *whole, rest = chunk.split(b"\n")
        lines = []
        for part in whole:
            self._add(part)
            lines.append(self._take())
        self._add(rest)
        return lines

    def flush(self) -> list[str]:
        """The last line, if it was not ended by a newline."""
        return [self._take()] if self._length else []

    def _add(self, part: bytes) -> None:
        self._length += len(part)
        room = self._limit + self._margin - len(self._kept)
        if room > 0:
            self._kept += part[:room]

    def _take(self) -> str:
        text = redact(self._kept.removesuffix(b"\r").decode(errors="backslashreplace"), self._masks)
        data = text.encode()
        if max(self._length, len(data)) > self._limit:
            if self._length > len(self._kept):
                data = data[: len(data) - self._margin]  # a secret may begin there whose end was not kept
            kept = data[: self._limit].decode(errors="ignore")
            text = f"{kept} ... [cut by turnout: {self._length:,} bytes in all]"
        self._kept.clear()
        self._length = 0
        return text


class OutputJournal:
    """Stream 1 of an attempt: created with the first line, locked while it is open, ended by `close`.

    On a full disk lines wait in memory. Whoever reads the pipes stops while `behind`, so that the flow waits, too, and
    few lines wait here; those that still do at the end are handed out by `close`. After `ROOM_SECONDS` lines are
    dropped, and their number is logged.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self._path = path
        self._header = header
        self._descriptor: int | None = None
        self._waiting: list[bytes] = []
        self._full_since: float | None = None
        self._dropped = 0

    @property
    def behind(self) -> bool:
        """Whether lines wait for room, and more should not be read."""
        return bool(self._waiting)

    def write(self, logger: str, level: int, lines: Sequence[str]) -> None:
        """Append lines as log entries, now or when there is room."""
        self._waiting += [_entry(level, logger, line) for line in lines]
        self.catch_up()

    def catch_up(self) -> None:
        """Try to write what waits."""
        if not self._waiting:
            return
        note = self._note_of_loss()
        kept = self._append([*note, *self._waiting])
        if kept:
            self._dropped, self._full_since = 0, None
            del self._waiting[: kept - len(note)]
            return
        self._full_since = self._full_since or clock.monotonic()
        if clock.monotonic() - self._full_since > ROOM_SECONDS:
            self._dropped += len(self._waiting)
            self._waiting.clear()

    def close(self) -> list[bytes]:
        """Write END, if there was any line; the lines that the disk still has no room for, which follow those that it
        has: the header first if it has none."""
        self.catch_up()
        rest = [*self._note_of_loss(), *self._waiting]
        if self._descriptor is None:
            return [self._header_line(), *rest] if rest else []
        if rest and not os.fstat(self._descriptor).st_size:
            rest.insert(0, self._header_line())
        if not rest:
            self._append([json.dumps(["e", clock.now()]).encode() + b"\n"])  # without room: a free lock says the same
        os.close(self._descriptor)
        self._descriptor = None
        return rest

    def keep(self, rest: Sequence[bytes]) -> bool:
        """After `close`: try once more to write what it handed out."""
        kept = self._append(rest, header=False)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        return kept == len(rest)

    def _note_of_loss(self) -> list[bytes]:
        if not self._dropped:
            return []
        return [_entry(40, "turnout.worker", f"{self._dropped} lines of output were lost: disk full")]

    def _append(self, lines: Sequence[bytes], *, header: bool = True) -> int:
        """How many of `lines` found room, the header before the first. Whole ones stay, since whoever ships the file
        may have read them; half of one never does."""
        try:
            if self._descriptor is None:
                self._descriptor = self._create()
            size = os.fstat(self._descriptor).st_size
        except OSError:
            return 0
        head = [self._header_line()] if header and not size else []
        data = b"".join([*head, *lines])
        whole = self._write(self._descriptor, size, data)
        return len(lines) if whole == len(data) else max(0, data.count(b"\n", 0, whole) - len(head))

    def _write(self, descriptor: int, size: int, data: bytes) -> int:
        """Write the lines that there is room for, at the end of a file of `size` bytes; how many bytes that is."""
        written = 0
        try:
            while written < len(data):
                written += os.write(descriptor, memoryview(data)[written:])
        except OSError:
            written = data.rfind(b"\n", 0, written) + 1
            os.ftruncate(descriptor, size + written)
        return written

    def _create(self) -> int:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor

    def _header_line(self) -> bytes:
        header = {**self._header, "stream": SUPERVISOR_STREAM, "pid": os.getpid(), "at": clock.now()}
        return json.dumps(header).encode() + b"\n"


class OutputPipe:
    """The reading end of a flow's stdout or stderr. Nothing of `masks` leaves it."""

    def __init__(
        self, descriptor: int, logger: str, level: int, journal: OutputJournal, masks: Iterable[str] = ()
    ) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.last_line = ""
        self.watcher: Callable[[str], None] | None = None
        self._logger = logger
        self._level = level
        self._journal = journal
        self._splitter = LineSplitter(masks=masks)

    def drain(self, most: int = 1 << 20) -> bool:
        """Take what is there, at most `most` bytes; False at the end of the pipe."""
        while most > 0:
            try:
                chunk = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            most -= len(chunk)
            self._record(self._splitter.feed(chunk))
        return True

    def finish(self) -> None:
        """Record a last line without newline and close."""
        self._record(self._splitter.flush())
        os.close(self.descriptor)

    def _record(self, lines: list[str]) -> None:
        if not lines:
            return
        self._journal.write(self._logger, self._level, lines)
        self.last_line = next((line for line in reversed(lines) if line.strip()), self.last_line)
        if self.watcher is not None:
            for line in lines:
                self.watcher(line)


def _entry(level: int, logger: str, message: str) -> bytes:
    return (
        json.dumps(["l", 0, clock.now(), level, logger, message], ensure_ascii=False).encode(errors="backslashreplace")
        + b"\n"
    )
