"""Sends an attempt's journals to the server: in order, each line once stored, no matter how long that takes."""

from collections.abc import Callable, Sequence
from typing import Protocol

from turnout.core import errors
from turnout.core.journal import FLOW_STREAM, SUPERVISOR_STREAM, Refusal, single_out, stand_in
from turnout.worker import clock
from turnout.worker.spool_files import AttemptFiles
from turnout.worker.spool_tail import Batch, SpoolTail

BATCH_BYTES = 1_000_000
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
        self._unwritten: Sequence[bytes] = ()
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
            shipped += self._ship_file(self._tails[number], hold_back if number == FLOW_STREAM else None)
            if number == SUPERVISOR_STREAM:
                self._ship_unwritten(self._tails[number])
        return shipped

    def add_unwritten(self, lines: Sequence[bytes]) -> None:
        """Captured output, newline-ended, that its file has no room for: shipped after what the file has."""
        self._unwritten = lines

    def close(self) -> None:
        """Let go of the files."""
        for tail in self._tails.values():
            tail.close()

    def _ship_file(self, tail: SpoolTail, hold_back: bytes | None) -> int:
        shipped = 0
        while (batch := tail.read(BATCH_BYTES, hold_back=hold_back)) is not None:
            self._ship(tail, batch)
            shipped += batch.length
        return shipped

    def _ship_unwritten(self, tail: SpoolTail) -> None:
        if not self._unwritten:
            return
        lines = [line[:-1] for line in self._unwritten]

        def send(first: int, part: Sequence[bytes]) -> None:
            self._send(tail, first, Batch.of(first, part).lines)

        try:
            try:
                send(tail.number, lines)
            except (errors.TooLarge, errors.ParameterError) as error:
                single_out(
                    tail.number,
                    lines,
                    error,
                    send=send,
                    replace=lambda number, line, why: send(number, [_stand_in(line, why)[:-1]]),
                )
        except errors.Fenced:
            raise
        except errors.Conflict:  # see `_deliver`
            if tail.number == 0:
                raise
            tail.rewind()
            self._ship_file(tail, None)
            self._ship_unwritten(tail)
        self._unwritten = ()

    def _ship(self, tail: SpoolTail, batch: Batch) -> None:
        try:
            self._deliver(tail, batch)
        except (errors.TooLarge, errors.ParameterError) as error:
            single_out(
                batch.first,
                batch.lines[:-1].split(b"\n"),
                error,
                send=lambda first, lines: self._deliver(tail, Batch.of(first, lines)),
                replace=lambda number, line, why: self._deliver(tail, Batch.of(number, [line]), why),
            )

    def _deliver(self, tail: SpoolTail, batch: Batch, refused: Refusal | None = None) -> None:
        """Send what the server does not have of a batch, or what stands in for its one line that was refused."""
        rest = batch.since(tail.number)
        if rest is None or rest.first != tail.number:  # it has it all; or the tail was rewound: it is read again
            return
        lines = rest.lines if refused is None else _stand_in(rest.lines[:-1], refused)
        try:
            tail.advance(rest, self._send(tail, rest.first, lines))
        except errors.Fenced:
            raise
        except errors.Conflict:
            # A gap: the server lost lines that it had acknowledged (it was restored from a backup).
            if rest.first == 0:
                raise
            tail.rewind()

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


def _stand_in(line: bytes, error: Refusal) -> bytes:
    return stand_in(line, error, at=clock.now(), logger="turnout.worker") + b"\n"
