"""The journal of a further process of a run: a spool of its own beside the flow's, made at its first line."""

from __future__ import annotations

import json
import os
import sys

from turnout.core.errors import TurnoutError
from turnout.core.journal import parse_spool_name, spool_name
from turnout.engine.journal import NullJournal, SpoolJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.journal import Journal


class StreamJournal:
    """Stream `stream` of the run whose stream 0 is the spool `flow_spool`. Nothing is made of a stream that stays
    empty."""

    def __init__(self, flow_spool: str, stream: int) -> None:
        self._flow_spool = flow_spool
        self._stream = stream
        self._inner: Journal | None = None

    def write(self, lines: str) -> None:
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
