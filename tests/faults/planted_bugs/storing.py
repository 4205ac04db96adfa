"""Bugs of the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.faults.planted_bugs.patching import everywhere, patched
from turnout.core.values import replace
from turnout.store import limits, migrate, queries
from turnout.store.dialects import sqlite

VERSIONED = " AND version = :version"


@contextmanager
def no_occurrence_index() -> Iterator[None]:
    """2: nothing in the database keeps an occurrence from having two runs."""
    honest = migrate.migrate

    def without_index(connection: Any, *rest: Any) -> Any:
        made = honest(connection, *rest)
        connection.execute("DROP INDEX IF EXISTS flow_run_occurrence")
        return made

    with patched(*everywhere(honest, without_index)):
        yield


@contextmanager
def answer_before_commit() -> Iterator[None]:
    """4: the answer goes out before COMMIT, which comes with the next write."""
    begin, commit = sqlite.begin_write, sqlite.commit

    def begin_late(connection: Any) -> None:
        if connection.in_transaction:
            commit(connection)
        begin(connection)

    with patched((sqlite, "begin_write", begin_late), (sqlite, "commit", lambda connection: None)):
        yield


@contextmanager
def no_version() -> Iterator[None]:
    """5: a state is written whatever happened since the run was read."""
    honest = queries.Queries.__getitem__

    def unversioned(self: Any, name: str) -> str:
        text = honest(self, name)
        if name != "runs/set_state":
            return text
        assert VERSIONED in text
        return text.replace(VERSIONED, "")

    with patched((queries.Queries, "__getitem__", unversioned)):
        yield


@contextmanager
def counted_slots() -> Iterator[None]:
    """7: what is held is a number that goes up and down beside the database."""
    held: Counter[Any] = Counter()
    take, release, occupied = limits.Limits.take, limits.Limits.release, limits.Limits.occupied

    def count_up(self: Any, run: Any, key: Any, weight: int, holder: str = "", at: Any = None) -> bool:
        taken = take(self, run, key, weight, holder, at)
        held[key] += weight if taken else 0
        return taken

    def count_down(self: Any, run_id: str) -> Any:
        freed = release(self, run_id)
        held.subtract(freed)
        return freed

    def counted(self: Any, project: str) -> Any:
        return [replace(each, held=max(0, held[each.limit.key])) for each in occupied(self, project)]

    methods = (("take", count_up), ("release", count_down), ("occupied", counted))
    with patched(*((limits.Limits, name, method) for name, method in methods)):
        yield
