"""The journal of a further process of a run: a spool of its own beside the flow's, made at its first line."""

from __future__ import annotations

import json
import os
import sys
from _thread import RLock

from turnout.core.errors import TurnoutError
from turnout.core.journal import parse_spool_name, spool_name
from turnout.engine.journal.entries import VISIBLE
from turnout.engine.journal.spool import NullJournal, SpoolJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.journal.spool import Journal


class StreamJournal:
    """Stream `stream` of the run whose stream 0 is the spool `flow_spool`. Nothing is made of a stream that stays
    empty."""

    def __init__(self, flow_spool: str, stream: int) -> None:
        self._flow_spool = flow_spool
        self._stream = stream
        self._inner: Journal | None = None
        self._lock = RLock()

    def write(self, lines: str) -> None:
        if self._inner is None:
            with self._lock:  # the tasks of a Dask worker write their first lines at the same time
                if self._inner is None:
                    self._inner = self._open()
        self._inner.write(lines)

    def close(self, end: str | None) -> None:
        if self._inner is not None:
            self._inner.close(end)

    def _open(self) -> Journal:
        folder, name = os.path.split(self._flow_spool)
        parsed = parse_spool_name(name)
        assert parsed is not None
        try:
            with open(self._flow_spool, "rb") as file:
                header = {**json.loads(file.readline()), "stream": self._stream, "pid": os.getpid()}
            path = os.path.join(folder, spool_name(parsed[0], parsed[1], self._stream))
            return SpoolJournal(path, json.dumps(header) + "\n")
        except (OSError, ValueError, TurnoutError) as error:
            sys.stderr.write(f"turnout: what this process says of its tasks is not recorded: {error}\n")
            return NullJournal()


class CarriedJournal:
    """Lines that go to the flow's process with the answer of the task that wrote them, or of the next one to end."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._lock = RLock()

    def write(self, lines: str) -> None:
        with self._lock:
            self._lines.append(lines.encode("utf-8", VISIBLE).decode())

    def take(self) -> list[str]:
        """What was written since the last time."""
        with self._lock:
            lines, self._lines = self._lines, []
        return lines

    def close(self, end: str | None) -> None:
        """Nothing: the flow's own stream says when it ends."""
