"""What a process does that strace stops: `python -m tests.faults.crash_points.child WHAT PLACE ACKS IDS`, one thread.

Each thing that was acknowledged becomes a line of the file ACKS; an error its kind after `error`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

LINES = 12

Note = Callable[[str], None]


def main(what: str, place: str, acks: str, ids: str) -> None:
    """Do it."""
    descriptor = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(text: str) -> None:
        os.write(descriptor, f"{text}\n".encode())

    acts = {"spool": spool, "private": private, "new store": new_store, "backup": backup}
    try:
        if what in acts:
            acts[what](Path(place), note)
        else:
            operation(what, place, json.loads(ids), note)
    except Exception as error:
        names = [kind.__name__ for kind in type(error).__mro__]
        note(f"error {' '.join(names)}: {' '.join(str(error).split())}")


def operation(name: str, place: str, ids: dict[str, str], note: Note) -> None:
    """A critical operation on a store."""
    from tests.faults.crash_points.databases import opened
    from tests.faults.crash_points.operations import OPERATIONS

    [found] = [it for it in OPERATIONS if it.name == name]
    with opened(place, later=found.later) as store:
        found.act(store, ids)
        note("acked")


def new_store(path: Path, note: Note) -> None:
    """A store is made where none was."""
    from tests.faults.crash_points.databases import opened
    from tests.faults.crash_points.world import register

    with opened(str(path)) as store:
        store.write(lambda tx: register(tx, "w1"))
        note("acked")


def spool(path: Path, note: Note) -> None:
    """A flow's journal; every line is acknowledged by itself."""
    from turnout.engine.journal.spool import SpoolJournal

    journal = SpoolJournal(str(path), '{"protocol": 1}\n')
    for number in range(LINES):
        journal.write(json.dumps(["l", 0, 1.5, 20, "x", f"{number} " + "y" * 5000]) + "\n")
        if journal.broken is not None:
            raise journal.broken
        note(str(number))
    journal.close('["e", 2.5]\n')


def private(path: Path, note: Note) -> None:
    """A worker's notes are replaced by longer ones."""
    from turnout.worker.spool_files import write_private

    for number in range(3):
        write_private(path, json.dumps({"number": number, "more": "x" * 9000 * number}).encode())
        note(str(number))


def backup(path: Path, note: Note) -> None:
    """A backup of a seeded store, made again over itself."""
    from datetime import UTC, datetime

    from turnout.store.backup import back_up

    for number in range(2):
        back_up(path, path / "backup", datetime(2026, 3, 1, 12, number, tzinfo=UTC))
        note(str(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
