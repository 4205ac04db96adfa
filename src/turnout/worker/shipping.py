"""Sends an attempt's journals to the server: in order, each line once stored, no matter how long that takes."""

import json
from collections.abc import Callable
from typing import Protocol

from turnout.core import errors
from turnout.core.journal import FLOW_STREAM, SUPERVISOR_STREAM
from turnout.worker import clock
from turnout.worker.spool_files import AttemptFiles
from turnout.worker.spool_tail import Batch, SpoolTail

BATCH_BYTES = 1_000_000
REFUSED_LEVEL = 40
AWAY = (errors.ServerUnreachable, errors.StoreUnavailable)
"""What a server, or its database, that is away for a while makes of a call: no reason to give anything up."""


class JournalApi(Protocol):
    """Where lines go: the supervisor's client or a worker's."""

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int: ...


class Shipper:
    """The journals of one attempt and how far the server has them.

    A line that the server refuses for what it is (too large, malformed) is replaced by a log line that says so: one
    bad entry never holds up those behind it.
    """

    def __init__(self, files: AttemptFiles, api: JournalApi) -> None:
        self._files = files
        self._api = api
        self._tails = {number: SpoolTail(files.stream(number), number) for number in (FLOW_STREAM, SUPERVISOR_STREAM)}
        self.look_for_streams()

    @property
    def outcome(self) -> str | None:
        """The final state that the engine wrote for the flow, once the server has it."""
        return self._tails[FLOW_STREAM].outcome

    @property
    def ended(self) -> bool:
        """Whether the flow's own stream was closed by its writer."""
        return self._tails[FLOW_STREAM].ended

    def look_for_streams(self) -> None:
        """Notice journals that appeared since."""
        for number in self._files.streams():
            if number not in self._tails:
                self._tails[number] = SpoolTail(self._files.stream(number), number)

    def has_news(self) -> bool:
        """Whether a known journal has grown."""
        return any(tail.has_news() for tail in self._tails.values())

    def ship_all(self, *, hold_back: bytes | None = None) -> int:
        """Ship until nothing whole is left; the number of lines. Captured output goes before the flow's own stream,
        whose last lines end the attempt. Raises what the server says: Fenced, ServerUnreachable, refusals."""
        shipped = 0
        for number in sorted(self._tails, reverse=True):
            tail = self._tails[number]
            held = hold_back if number == FLOW_STREAM else None
            while (batch := tail.read(BATCH_BYTES, hold_back=held)) is not None:
                self._ship(tail, batch)
                shipped += batch.length
        return shipped

    def close(self) -> None:
        """Let go of the files."""
        for tail in self._tails.values():
            tail.close()

    def _ship(self, tail: SpoolTail, batch: Batch) -> None:
        try:
            tail.advance(batch, self._send(tail, batch.first, batch.lines))
        except (errors.TooLarge, errors.ParameterError) as error:
            self._ship_parts(tail, batch, error)
        except errors.Fenced:
            raise
        except errors.Conflict:
            # A gap: the server lost lines that it had acknowledged (it was restored from a backup).
            if batch.first == 0:
                raise
            tail.rewind()

    def _ship_parts(self, tail: SpoolTail, batch: Batch, error: errors.TurnoutError) -> None:
        """Halve what was refused until the line to blame is alone: one bad line of n costs about 2 log n requests."""
        if batch.length == 1:
            stand_in = _stand_in(batch.lines[:-1], error)
            tail.advance(batch, self._send(tail, batch.first, stand_in))
            return
        for half in batch.halves():
            rest = half.since(tail.number)
            if rest is not None and rest.first == tail.number:  # else the tail was rewound: it is read again
                self._ship(tail, rest)

    def _send(self, tail: SpoolTail, first: int, lines: bytes) -> int:
        return self._api.ship(self._files.run_id, self._files.attempt, tail.stream, first, lines)


class Backoff:
    """Growing pauses: 50 ms, doubling to `longest` seconds, from the start again after a success."""

    def __init__(self, wait: Callable[[float], object], longest: float = 2.0) -> None:
        self._wait = wait
        self._longest = longest
        self._pause = 0.05

    def pause(self) -> None:
        """Wait and grow."""
        self._wait(self._pause)
        self._pause = min(self._pause * 2, self._longest)

    def reset(self) -> None:
        """It worked."""
        self._pause = 0.05


def _stand_in(line: bytes, error: errors.TurnoutError) -> bytes:
    text = f"a journal entry of {len(line)} bytes was refused by the server and is not stored: {error.what}"
    return json.dumps(["l", 0, clock.now(), REFUSED_LEVEL, "turnout.worker", text]).encode() + b"\n"
