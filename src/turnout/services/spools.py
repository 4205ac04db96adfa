"""Journals that scripts left in the data folder are stored, while they grow and when they are over.

Only scripts': what a worker's supervisor writes here is shipped by it (its header does not say `script`). A journal is
deleted once it is stored and has its END, or once its writer is gone (the lock is free) and its run was given up.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from turnout.core.errors import Conflict, ParameterError, StoreError, TooLarge, TurnoutError
from turnout.core.ids import is_id
from turnout.core.journal import FLOW_STREAM, Refusal, parse_spool_name, single_out, stand_in
from turnout.core.limits import JOURNAL_BATCH_BYTES
from turnout.core.records import Principal
from turnout.orchestration.ingest import script_lost, ship_script
from turnout.orchestration.scripts import SCRIPT
from turnout.store.text import presentable

if TYPE_CHECKING:
    from logging import Logger

    from turnout.core.ports import Store, Tx

REFUSED = ".refused"
"""Added to the name of a journal that cannot be stored; it is kept for a person to look at."""
_END = b'["e",'
_HEADER_BYTES = 2 * JOURNAL_BATCH_BYTES


class Spools:
    """A service that looks every `pause`."""

    name = "spools"

    def __init__(
        self,
        data_dir: str | os.PathLike[str],
        pause: timedelta = timedelta(seconds=0.2),
        *,
        running: bool = True,
    ) -> None:
        """running: store journals that are still being written, too."""
        self.pause = pause
        self._running = running
        self._folder = os.path.join(os.fspath(data_dir), "spool")
        self._open: dict[str, ScriptSpool | None] = {}

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Store what is new, delete what is done."""
        self.drain(store)
        return None

    def drain(self, store: Store) -> None:
        """What a tick does, for those who have no loop."""
        names = self._names()
        self._open = {name: spool for name, spool in self._open.items() if name in names}
        for name in names:
            if name not in self._open:
                self._open[name] = open_script(os.path.join(self._folder, name))
            spool = self._open[name]
            if spool is not None:
                self._drain_one(store, spool)

    def _drain_one(self, store: Store, spool: ScriptSpool) -> None:
        try:
            if self._running or _is_free(spool.path):
                spool.drain(store)
        except StoreError:
            raise
        except OSError as error:
            # One file that cannot be read (or is gone) stops no other; it is looked at again after a restart.
            _logger().error("the journal %s cannot be stored: %s", spool.path, error)
            self._open[os.path.basename(spool.path)] = None
        except TurnoutError as error:
            # It will not get better by itself; its run is closed, the file is kept.
            _logger().error("the journal %s is set aside: %s", spool.path, error)
            os.rename(spool.path, spool.path + REFUSED)
            if spool.stream == FLOW_STREAM:
                store.write(spool.give_up)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self._folder) as entries:
                # Never through a link, and never a named pipe, which would hold up whoever opens it.
                return sorted(e.name for e in entries if _is_first_attempt(e.name) and e.is_file(follow_symlinks=False))
        except FileNotFoundError:
            return []


class ScriptSpool:
    """One journal of a script and how far it was stored."""

    def __init__(self, path: str, run_id: str, stream: int, header: dict[str, Any]) -> None:
        self.path = path
        self.run_id = run_id
        self.stream = stream
        self._header = header
        self._offset = self._number = 0
        self._ended = False

    def drain(self, store: Store) -> bool:
        """Store every whole line; True, and the file is deleted, once nothing can follow."""
        # Asked before reading: what the writer wrote before it let go is then read too.
        orphaned = not self._ended and _is_free(self.path)
        for lines in self._batches():
            self._store(store, lines)
            self._offset += sum(len(line) + 1 for line in lines)
            self._number += len(lines)
            self._ended = self._ended or lines[-1].startswith(_END)
        if orphaned and not self._ended and self.stream == FLOW_STREAM:
            store.write(self.give_up)
        if self._ended or orphaned:
            os.unlink(self.path)
        return self._ended or orphaned

    def give_up(self, tx: Tx) -> None:
        """The process is gone without a word."""
        if tx.runs.get(self.run_id) is not None:
            script_lost(tx, LOCAL, self.run_id, _last_written(self.path))

    def _store(self, store: Store, lines: list[bytes]) -> None:
        """Store the lines at the position; one that is refused for what it is leaves a log line in its place."""

        def send(first: int, part: Sequence[bytes]) -> None:
            store.write(lambda tx: self._ship(tx, first, part))

        def replace(number: int, line: bytes, error: Refusal) -> None:
            if number == 0:  # the header says how all others are to be read
                raise Conflict(error.what, where=error.where, fix=error.fix) from error
            _logger().error("the journal %s has a line that is not stored: %s", self.path, error)
            logger = "turnout.services"
            store.write(
                lambda tx: self._ship(tx, number, [stand_in(line, error, at=tx.now.timestamp(), logger=logger)])
            )

        try:
            send(self._number, lines)
        except (TooLarge, ParameterError) as error:
            single_out(self._number, lines, error, send=send, replace=replace)

    def _ship(self, tx: Tx, first: int, lines: Sequence[bytes]) -> int:
        return ship_script(tx, LOCAL, self.run_id, self.stream, first, lines, self._header)

    def _batches(self) -> Iterator[list[bytes]]:
        """Whole lines after the position, in portions of at most a journal batch (one line may be longer)."""
        with open(self.path, "rb") as file:
            file.seek(self._offset)
            carry = b""
            while chunk := file.read(JOURNAL_BATCH_BYTES):
                *lines, carry = (carry + chunk).split(b"\n")
                if lines:
                    yield lines


LOCAL = Principal(kind="local", name="spools")
"""Who stores a script's journal."""


def open_script(path: str) -> ScriptSpool | None:
    """The journal at `path`, if it is a script's: its header says so, and has the run and stream of the file's name."""
    parsed = parse_spool_name(os.path.basename(path))
    header = _header(path)
    if parsed is None or header is None or (header.get("run"), 1, header.get("stream")) != parsed:
        return None
    return ScriptSpool(path, parsed[0], parsed[2], header)


def _header(path: str) -> dict[str, Any] | None:
    """The first line, if it is the header of a script's journal."""
    try:
        with open(path, "rb") as file:
            header = presentable(json.loads(file.readline(_HEADER_BYTES)))
    except (OSError, ValueError, RecursionError):
        return None
    sound = isinstance(header, dict) and header.get("trigger") == SCRIPT and _fits(header)
    return header if sound else None


def _fits(header: dict[str, Any]) -> bool:
    """Whether a run can be registered from the header's fields; null stands for none."""
    kinds = {"at": (int, float), "parameters": (dict, type(None)), "tags": (list, type(None))}
    return all(isinstance(header.get(name), kind) for name, kind in kinds.items())


def _is_first_attempt(name: str) -> bool:
    parsed = parse_spool_name(name)
    return parsed is not None and parsed[1] == 1 and is_id(parsed[0])


def _last_written(path: str) -> datetime | None:
    """When the writer said its last word; None for a journal that is gone."""
    try:
        return datetime.fromtimestamp(os.stat(path).st_mtime, UTC)
    except FileNotFoundError:
        return None


def _is_free(path: str) -> bool:
    """Whether the journal's writer is gone."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _logger() -> Logger:
    import logging  # on use: scripts come this way too, and hardly ever have anything to say

    return logging.getLogger("turnout.services")
