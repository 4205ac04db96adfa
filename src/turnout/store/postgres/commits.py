"""Group commit on PostgreSQL: one advisory lock, several functions, one COMMIT. See ADR 0010.

What is acknowledged is committed. Where it is unknown whether a COMMIT arrived, the answer is StoreUnavailable: the
caller repeats, and keys and versions make that safe.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import pq

from turnout.core.errors import StoreError, StoreUnavailable, TurnoutError
from turnout.store.clock import IdMaker
from turnout.store.commits import Outcome, Work
from turnout.store.dialects import postgresql
from turnout.store.kept import Kept
from turnout.store.migrate import check_not_newer
from turnout.store.postgres import wire
from turnout.store.postgres.clock import DatabaseClock, Moment
from turnout.store.postgres.link import Link
from turnout.store.postgres.watch import Watch
from turnout.store.queries import Queries
from turnout.store.session import Session
from turnout.store.transaction import Tx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock, Hints

CHANCES = 3
"""How often a group is run that others, or a lost connection, undid."""
PATIENCE_SECONDS = 10.0
"""No group is run again after so long."""


class Commits:
    """The writing connection; made anew when it is lost. Not safe for threads: one caller at a time."""

    def __init__(
        self,
        url: str,
        clock: "Clock",
        randomness: Callable[[int], bytes],
        hints: "Hints | None",
        watch: Watch,
    ) -> None:
        """A `clock` that is not the database's replaces it, for tests and the simulator."""
        self._url = url
        self._where = postgresql.shown(url)
        self._clock = clock
        self._watch = watch
        self._moment = Moment(clock)
        self._make_id = IdMaker(self._moment if isinstance(clock, DatabaseClock) else clock, randomness)
        self._hints = hints
        self._begin = postgresql.begin_write()
        self._queries = Queries(postgresql.NAME)
        self._kept = Kept()
        self._connection: psycopg.Connection[Any] | None = None

    def run(self, group: Sequence[Work]) -> list[Outcome]:
        """Run each function; return after COMMIT. One that raises is undone alone.

        At first without savepoints, which cost as much as a small function: only when one fails that wrote something
        is the group run again with them. It is also run again, a few times, when others or a lost connection undid it
        before COMMIT was sent.
        """
        try:
            done = self._run(group)
        except _Redo:
            self._abandon()
            done = self._run(group, careful=True)
        finally:
            self._watch.leave(self)
        self._notify(done)
        return done

    def close(self) -> None:
        """Close the connection and watch no more."""
        self._watch.close()
        self._drop()

    def _run(self, group: Sequence[Work], *, careful: bool = False) -> list[Outcome]:
        began = self._clock.monotonic()
        for chance in range(1, CHANCES + 1):
            try:
                link = self._begun()
                if careful:
                    done = [self._attempt_alone(link, work) for work in group]
                else:
                    done = [self._attempt(link, work, len(group) > 1) for work in group]
            except (psycopg.Error, StoreError) as error:
                again = postgresql.may_try_again(error) or self._is_lost()
                self._abandon()
                if not again or chance == CHANCES or self._clock.monotonic() - began > PATIENCE_SECONDS:
                    return self._failed(group, error)
            else:
                break
        return self._committed(link, group, done, careful=careful)

    def _begun(self) -> Link:
        """The connection inside a transaction that holds the right to write."""
        if self._connection is None or self._connection.closed:
            self._connection = postgresql.connect(self._url)
        self._watch.enter(self, self._connection)
        micros, version, declared = wire.row_of_last(self._connection, self._begin)
        check_not_newer(version or 0, self._where)
        self._kept.begin(declared)
        self._moment.set(self._clock.told(micros) if isinstance(self._clock, DatabaseClock) else self._clock.now())
        return Link(self._connection)

    def _attempt(self, link: Link, work: Work, several: bool) -> Outcome:
        """Run one function. Raises _Redo if it fails and cannot be undone without the others."""
        link.wrote = False
        tx = self._tx(link)
        try:
            return self._sound(link, work(tx), tx)
        except BaseException as error:  # whatever it is, it belongs to the caller, not to the writer
            self._check_fate(link, error)
            if several and (link.wrote or not _is_open(link)):
                raise _Redo from error
            return Outcome(error=self._meaning(error))

    def _attempt_alone(self, link: Link, work: Work) -> Outcome:
        """Run one function in a savepoint."""
        link.later(b"SAVEPOINT work")
        link.flush()
        tx = self._tx(link)
        try:
            value = work(tx)
            link.flush()
            outcome = self._sound(link, value, tx)
        except BaseException as error:  # as above
            self._check_fate(link, error)
            link.flush() if _is_open(link) else link.forget()
            link.connection.execute(b"ROLLBACK TO work")
            outcome = Outcome(error=self._meaning(error))
        link.later(b"RELEASE work")
        return outcome

    def _tx(self, link: Link) -> Tx:
        now: datetime = self._moment.now() if isinstance(self._clock, DatabaseClock) else self._clock.now()
        return Tx(Session(link, self._queries, self._kept), now, self._make_id)

    def _sound(self, link: Link, value: Any, tx: Tx) -> Outcome:
        # A function that swallowed a statement's error would be acknowledged, and undone.
        if not _is_open(link):
            raise StoreError("a statement failed and its error was swallowed", where=self._where, fix="report this")
        return Outcome(value, None, tx.hints)

    def _check_fate(self, link: Link, error: BaseException) -> None:
        """Raise what befell the whole transaction rather than one function."""
        if postgresql.is_lost(link.connection):
            raise psycopg.OperationalError(f"the connection was lost: {error}") from error
        if isinstance(error, psycopg.Error) and postgresql.may_try_again(error):
            raise error

    def _committed(self, link: Link, group: Sequence[Work], done: list[Outcome], *, careful: bool) -> list[Outcome]:
        """The outcomes, once they are durable."""
        try:
            self._finish(link, done)
        except (psycopg.Error, TurnoutError) as error:
            lost = self._is_lost()
            self._abandon()
            if not lost and not careful and len(group) > 1:
                raise _Redo from error  # one of several made a statement fail that was not looked at
            return self._failed(group, self._unknown(error) if lost else error)
        return done

    def _finish(self, link: Link, done: list[Outcome]) -> None:
        if all(outcome.error is not None for outcome in done):
            link.connection.execute(b"ROLLBACK")
            return
        commit = link.later(b"COMMIT")
        link.flush()
        if commit.result is None or commit.result.statusmessage != "COMMIT":
            raise StoreUnavailable("the transaction was undone", where=self._where, fix="try again")

    def _failed(self, group: Sequence[Work], error: BaseException) -> list[Outcome]:
        """Nothing of the group is acknowledged."""
        return [Outcome(error=self._meaning(error)) for _ in group]

    def _unknown(self, error: BaseException) -> StoreUnavailable:
        return StoreUnavailable(
            f"the connection was lost while committing, so it is unknown whether it was: {error}",
            where=self._where,
            fix="try again: what was done is found done",
        )

    def _abandon(self) -> None:
        """Undo what was begun; without a connection there is nothing."""
        if self._connection is None:
            return
        try:
            if not self._is_lost():
                self._connection.execute(b"ROLLBACK")
        except psycopg.Error:
            self._connection.close()
        if self._is_lost():
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_lost(self) -> bool:
        return self._connection is not None and postgresql.is_lost(self._connection)

    def _notify(self, done: list[Outcome]) -> None:
        if self._hints is not None:
            for hint in dict.fromkeys(hint for outcome in done if outcome.error is None for hint in outcome.hints):
                self._hints.notify(hint)

    def _meaning(self, error: BaseException) -> BaseException:
        if not isinstance(error, psycopg.Error):
            return error
        meaning = postgresql.translate(error, self._where)
        meaning.__cause__ = error
        return meaning


class _Redo(Exception):
    """A function failed that wrote something: the group has to be run again, each function in a savepoint."""


def _is_open(link: Link) -> bool:
    """Whether the transaction is one that can go on."""
    return link.connection.info.transaction_status == pq.TransactionStatus.INTRANS
