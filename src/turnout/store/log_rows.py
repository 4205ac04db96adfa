"""A log by rows: which chunk holds a row, and lines that match. A row counts the lines that arrived before it."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from turnout.core.records import LogLine
from turnout.core.views import LogRow, LogSearch
from turnout.store.session import Session


class Mark(NamedTuple):
    """A chunk, the row of its first line, how many it holds, and the highest level among them."""

    chunk: int
    first: int
    lines: int
    level: int


class LogRows:
    """The log of one attempt."""

    def __init__(self, session: Session, run_id: str, attempt: int) -> None:
        self._session = session
        self._identity: Mapping[str, Any] = {"run_id": run_id, "attempt": attempt}
        self.marks = list(self._marks())

    @property
    def size(self) -> int:
        """How many lines there are."""
        return self.marks[-1].first + self.marks[-1].lines if self.marks else 0

    def lines(self, first: int, limit: int) -> list[LogLine]:
        """At most `limit` lines from a row on."""
        end = first + max(0, limit)
        wanted = [mark for mark in self.marks if mark.first < end and mark.first + mark.lines > first]
        return [
            self._line(stream, seq, entry)
            for mark, stream, raw in self._bodies(wanted)
            for row, (seq, entry) in enumerate(_entries(raw), mark.first)
            if first <= row < end
        ]

    def search(self, wanted: LogSearch, first: int, limit: int, scanned: int) -> tuple[list[LogRow], int | None]:
        """See `core.view_ports.Views.search_log`."""
        found: list[LogRow] = []
        ahead = [
            mark
            for mark in self.marks
            if mark.first + mark.lines > first and (wanted.level is None or mark.level >= wanted.level)
        ]
        chosen = _portion(ahead, scanned)
        for mark, stream, raw in self._bodies(chosen):
            if not _may_hold(raw, wanted.text):
                continue
            for row, (seq, entry) in enumerate(_entries(raw), mark.first):
                if row >= first and _matches(entry, wanted):
                    found.append(LogRow(row, self._line(stream, seq, entry)))
                    if len(found) == limit:
                        return found, row + 1 if row + 1 < self.size else None
        return found, ahead[len(chosen)].first if len(chosen) < len(ahead) else None

    def _marks(self) -> Iterator[Mark]:
        first = 0
        for chunk, lines, level in self._session.rows("views/list_log_marks", self._identity):
            yield Mark(chunk, first, lines, level)
            first += lines

    def _bodies(self, marks: Sequence[Mark]) -> Iterator[tuple[Mark, int, bytes]]:
        """The chunks of these marks, which ascend; those between that are not asked for are passed over."""
        if not marks:
            return
        by_chunk = {mark.chunk: mark for mark in marks}
        values = {**self._identity, "first": marks[0].chunk, "last": marks[-1].chunk}
        for chunk, stream, body in self._session.execute("views/list_log_bodies", values):
            if chunk in by_chunk:
                yield by_chunk[chunk], stream, zlib.decompress(body)

    def _line(self, stream: int, seq: int, entry: list[Any]) -> LogLine:
        _, number, at, level, logger, message = entry
        return LogLine(
            attempt=self._identity["attempt"],
            stream=stream,
            seq=seq,
            number=number,
            at=at,
            level=level,
            logger=logger,
            message=message,
        )


def matches(line: LogLine, wanted: LogSearch) -> bool:
    """Whether a line is among those wanted."""
    return _matches(["l", line.number, line.at, line.level, line.logger, line.message], wanted)


def _portion(marks: Sequence[Mark], scanned: int) -> Sequence[Mark]:
    """The first marks that together hold `scanned` lines, at least one."""
    lines = 0
    for place, mark in enumerate(marks):
        if lines >= scanned:
            return marks[:place]
        lines += mark.lines
    return marks


def _entries(raw: bytes) -> Iterator[tuple[int, list[Any]]]:
    seqs, *entries = json.loads(raw)
    return zip(seqs, entries, strict=True)


def _may_hold(raw: bytes, text: str) -> bool:
    """Whether a chunk may hold the text, without parsing it: only what JSON spells as it is can be looked for."""
    if not text.isascii() or not text.isprintable() or '"' in text or "\\" in text or "/" in text:
        return True
    return text.lower().encode() in raw.lower()


def _matches(entry: list[Any], wanted: LogSearch) -> bool:
    _, number, _, level, _, message = entry
    return (
        (wanted.level is None or level >= wanted.level)
        and (wanted.number is None or number == wanted.number)
        and (not wanted.text or wanted.text.lower() in message.lower())
    )
