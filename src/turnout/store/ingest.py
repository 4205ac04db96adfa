"""Journal lines to what they mean: parsed, checked and sorted by kind; touches no database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turnout.core.errors import ParameterError
from turnout.core.journal import ARTIFACT, CREATED, END, LOG, SPOKEN, STATE
from turnout.core.states import RunState
from turnout.store.task_drafts import (
    TaskDraft,
    check_facts,
    created_draft,
    is_placeholder,
    micros_of,
    number_of,
    placeholder,
)
from turnout.store.text import presentable, storable, to_json

_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_ABOUT_TASKS = (CREATED, STATE)
CHUNK_LINES = 1_000
"""What is read of a log is read by chunks: a screen of a long one shall not cost a hundred screens."""
_FASTEST = 1
"""zlib level: logs shrink to a sixth; level 6 makes it a seventh for three times the time."""
_LEVELS = 2**31
_SEAM = 2**53 + 1
"""Stands between lines that are parsed together. No float equals it and an integer has one spelling, so where no line
holds its digits, nothing in a line passes for it."""
_BETWEEN = b",%d," % _SEAM


class Batch:
    """Lines `first`.. of one stream, sorted by what they tell. `drafts` may be given those that are stored already."""

    def __init__(self, first: int, lines: Sequence[bytes]) -> None:
        self.header: Mapping[str, Any] | None = None
        self.flow_entries: list[tuple[str, float, Mapping[str, Any]]] = []
        self.ended = False
        self.drafts: dict[int, TaskDraft] = {}
        self.artifacts: list[tuple[Any, ...]] = []
        self._first = first
        self._text = _BETWEEN.join(lines)
        self._lines, self._entries = lines, parse(first, lines, self._text)
        if rb"\ud" in self._text or rb"\uD" in self._text:
            self._make_presentable()
        self._logs: list[int] = []

    def needs_cleaning(self) -> bool:
        """Whether some line may hold text that a database refuses."""
        return rb"\u0000" in self._text

    def touched(self) -> set[int]:
        """The numbers of tasks that may be stored already: every one that is spoken of."""
        return {
            entry[1]
            for entry in self._entries
            if type(entry) is list and len(entry) > 1 and entry[0] in _ABOUT_TASKS and type(entry[1]) is int
        } - {0}

    def merge(self) -> None:
        """Apply every entry in order. Raises ParameterError that names the first malformed line."""
        seq, drafts = self._first, self.drafts
        try:
            for seq, entry in enumerate(self._entries, self._first):
                # What most lines are is told apart here, and not in a call for each.
                if type(entry) is list and entry[0] == STATE and entry[1] in drafts:
                    _, number, state, at, extra = entry
                    drafts[number].step(state, at, extra)
                else:
                    self._take(seq, entry)
        except _MALFORMED as error:
            raise malformed(seq, self._lines[seq - self._first], error) from error

    def log_chunks(self) -> Iterator[dict[str, Any]]:
        """The values of the batch's log lines for `journal/insert_logs`, `CHUNK_LINES` at a time."""
        for place in range(0, len(self._logs), CHUNK_LINES):
            yield self._chunk(self._logs[place : place + CHUNK_LINES])

    def _chunk(self, logs: Sequence[int]) -> dict[str, Any]:
        entries = [self._entries[index] for index in logs]
        times = [entry[2] for entry in entries]
        seqs = [self._first + index for index in logs]
        from zlib import compress  # on use: most scripts log nothing

        raw = b"[%s,%s]" % (json.dumps(seqs).encode(), b",".join([self._lines[index] for index in logs]))
        return {
            "first_seq": seqs[0],
            "last_seq": seqs[-1],
            "lines": len(seqs),
            "min_at": micros_of(min(times)),
            "max_at": micros_of(max(times)),
            "max_level": max(entry[3] for entry in entries),
            "body": compress(raw, _FASTEST),
        }

    def _make_presentable(self) -> None:
        """Lines that escape surrogates are kept as `presentable` has them; what it leaves alone was an emoji's pair."""
        try:
            self._entries = [presentable(entry) for entry in self._entries]
        except RecursionError as error:
            raise malformed(self._first, self._lines[0], error) from error
        self._lines = [to_json(entry).encode() for entry in self._entries]

    def _take(self, seq: int, entry: Any) -> None:
        kind = entry[0] if type(entry) is list else None
        if kind == STATE:
            self._step(entry)
        elif kind == LOG:
            self._log(seq, entry)
        elif kind == CREATED:
            self._create(entry)
        elif kind == ARTIFACT:
            self._artifact(seq, entry)
        elif kind == END:
            self.ended = True
        elif seq == 0 and type(entry) is dict:
            self.header = check_header(entry)
        else:
            raise ValueError("no known kind of entry")

    def _step(self, entry: list[Any]) -> None:
        _, number, state, at, extra = entry
        if number == 0:
            micros_of(at)
            self.flow_entries.append((RunState(state), at, check_facts(extra)))
            return
        draft = self.drafts.get(number)
        if draft is None:
            draft = self.drafts[number_of(number)] = placeholder(number, at)
        draft.step(state, at, extra)

    def _create(self, entry: list[Any]) -> None:
        made = created_draft(entry)
        known = self.drafts.get(made.number)
        if known is None:
            self.drafts[made.number] = made
        elif is_placeholder(known):
            known.complete(made)
        else:
            raise ValueError(f"task {made.number} was created before")

    def _log(self, seq: int, entry: list[Any]) -> None:
        _, number, at, level, logger, message = entry
        number_of(number)
        micros_of(at)
        if type(level) is not int or type(logger) is not str or type(message) is not str or abs(level) >= _LEVELS:
            raise ValueError("not a log line")
        self._logs.append(seq - self._first)

    def _artifact(self, seq: int, entry: list[Any]) -> None:
        _, number, at, kind, key, data = entry
        if type(data) is not dict:
            raise ValueError("the data of an artifact is an object")
        row = (seq, number_of(number), storable(key), storable(kind), micros_of(at), to_json(data))
        self.artifacts.append(row)


def parse(first: int, lines: Sequence[bytes], text: bytes) -> list[Any]:
    """The JSON of every line by one call on `text`, the lines joined by seams; line by line only to name a malformed
    one, or where a line has the seam's digits itself."""
    try:
        if text.count(b"%d" % _SEAM) == len(lines) - 1:
            entries: list[Any] = json.loads(f"[{text.decode()}]")
            if entries[1::2] == [_SEAM] * (len(lines) - 1):
                return entries[::2]
    except _MALFORMED:
        pass
    return [_parse_line(seq, line) for seq, line in enumerate(lines, first)]


def check_header(header: dict[str, Any]) -> dict[str, Any]:
    """The header, if it is of a protocol that this code speaks."""
    if header.get("protocol") not in SPOKEN:
        spoken = " and ".join(map(str, sorted(SPOKEN)))
        raise ValueError(
            f"protocol {header.get('protocol')!r} is not spoken here, {spoken} is: upgrade the server first"
        )
    return header


def malformed(seq: int, line: bytes, cause: BaseException) -> ParameterError:
    """The error that names a line of a journal."""
    return ParameterError(
        f"line {seq} of the journal is malformed: {type(cause).__name__}: {cause}",
        where=line[:200].decode("utf-8", "backslashreplace"),
        fix="the writer and this Turnout may differ in version: install the same, keep the spool, report this",
    )


def log_lines(body: bytes) -> Iterator[tuple[int, list[Any]]]:
    """(seq, entry) of every line of a chunk's body."""
    import zlib

    seqs, *entries = json.loads(zlib.decompress(body))
    return zip(seqs, entries, strict=True)


def _parse_line(seq: int, line: bytes) -> Any:
    try:
        return json.loads(line.decode())
    except _MALFORMED as error:
        raise malformed(seq, line, error) from error
