"""Group commit: several functions, each in a savepoint, made durable by one COMMIT."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from turnout.core.errors import StoreUnavailable
from turnout.store.clock import IdMaker
from turnout.store.dialects import sqlite
from turnout.store.queries import Queries
from turnout.store.session import Session
from turnout.store.transaction import Tx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock, Hints

Work = Callable[[Any], Any]


class Outcome:
    """What became of one function: `error` is None once its writes are durable."""

    __slots__ = ("error", "hints", "value")

    def __init__(self, value: Any = None, error: BaseException | None = None, hints: Sequence[str] = ()) -> None:
        self.value = value
        self.error = error
        self.hints = hints


class Committing(Protocol):
    """What a writer needs of a database's writing connection."""

    def run(self, group: Sequence[Work]) -> list[Outcome]:
        """Run each function; return after COMMIT."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Commits:
    """SQLite's writing connection. Not safe for threads: one caller at a time."""

    def __init__(
        self, connection: sqlite3.Connection, path: str, clock: "Clock", make_id: IdMaker, hints: "Hints | None"
    ) -> None:
        self._connection = connection
        self._path = path
        self._clock = clock
        self._make_id = make_id
        self._hints = hints
        self._session = Session(connection, Queries(sqlite.NAME))
        self._inode = os.stat(path).st_ino
        self._lost = False

    def run(self, group: Sequence[Work]) -> list[Outcome]:
        """Run each function; return after COMMIT. One that raises is undone alone.

        If the database itself undid the transaction (full disk), those before have failed too and the rest goes on
        in a transaction of its own.
        """
        done: list[Outcome] = []
        try:
            self._check_file()
            self._check_connection()
            sqlite.begin_write(self._connection)
            self._session.kept.begin()
            for work in group:
                done.append(self._attempt(work, len(group) > 1))
                if not self._connection.in_transaction:
                    return self._undone(done) + (self.run(group[len(done) :]) if len(done) < len(group) else [])
            self._finish(done)
        except (sqlite3.Error, StoreUnavailable) as error:
            return self._failed(group, error)
        self._notify(done)
        return done

    def close(self) -> None:
        """Close the connection; SQLite then folds the log into the database."""
        self._connection.close()

    def _attempt(self, work: Work, several: bool) -> Outcome:
        if several:
            self._connection.execute("SAVEPOINT work")
        tx = Tx(self._session, self._clock.now(), self._make_id)
        try:
            outcome = Outcome(work(tx), None, tx.hints)
        except BaseException as error:  # whatever it is, it belongs to the caller, not to the writer
            if several and self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO work")
            outcome = Outcome(error=self._translated(error))
        if several and self._connection.in_transaction:
            self._connection.execute("RELEASE work")
        return outcome

    def _finish(self, done: list[Outcome]) -> None:
        if all(outcome.error is not None for outcome in done):
            sqlite.rollback(self._connection)
        else:
            sqlite.commit(self._connection)

    def _failed(self, group: Sequence[Work], error: BaseException) -> list[Outcome]:
        """Begin or commit failed: nothing of the group is durable."""
        try:
            sqlite.rollback(self._connection)
        except sqlite3.Error:
            self._connection.close()  # which undoes what could not be undone; the next group gets another connection
            self._lost = True
        return [Outcome(error=self._translated(error)) for _ in group]

    def _undone(self, done: list[Outcome]) -> list[Outcome]:
        cause = done[-1].error or "a statement failed and its error was swallowed"
        for outcome in done:
            if outcome.error is None:
                outcome.error = StoreUnavailable(
                    f"undone together with another write: {cause}", where=self._path, fix="try again"
                )
        return done

    def _notify(self, done: list[Outcome]) -> None:
        if self._hints is not None:
            for hint in dict.fromkeys(hint for outcome in done if outcome.error is None for hint in outcome.hints):
                self._hints.notify(hint)

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, sqlite3.Error):
            return error
        translated = sqlite.translate(error, self._path)
        translated.__cause__ = error
        return translated

    def _check_connection(self) -> None:
        if self._lost:
            self._connection = sqlite.connect(self._path)
            self._session = Session(self._connection, Queries(sqlite.NAME))
            self._lost = False

    def _check_file(self) -> None:
        # A write-ahead log accepts writes for a deleted file: they would be acknowledged and lost.
        try:
            same = os.stat(self._path).st_ino == self._inode
        except OSError:
            same = False
        if not same:
            raise StoreUnavailable(
                "the database file was deleted or replaced while it was open",
                where=self._path,
                fix="put it back, then start Turnout again",
            )
