"""Group commit on PostgreSQL: functions in savepoints, one advisory lock, one COMMIT. See ADR 0010.

What is acknowledged is committed. Where it is unknown whether a COMMIT arrived, the answer is StoreUnavailable: the
caller repeats, and keys and versions make that safe.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import pq

from turnout.core.errors import StoreError, StoreUnavailable
from turnout.store.clock import IdMaker
from turnout.store.commits import Outcome, Work
from turnout.store.dialects import postgresql
from turnout.store.migrate import check_not_newer
from turnout.store.postgres.clock import DatabaseClock, Moment
from turnout.store.postgres.link import Link, last_row
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
        stall: float = postgresql.STALL_SECONDS,
    ) -> None:
        """A `clock` that is not the database's replaces it, for tests and the simulator."""
        self._url = url
        self._where = postgresql.shown(url)
        self._clock = clock
        self._watch = watch
        self._moment = Moment(clock)
        self._make_id = IdMaker(self._moment if isinstance(clock, DatabaseClock) else clock, randomness)
        self._hints = hints
        self._begin = postgresql.begin_write(stall)
        self._queries = Queries(postgresql.NAME)
        self._connection: psycopg.Connection[Any] | None = None

    def run(self, group: Sequence[Work]) -> list[Outcome]:
        """Run each function; return after COMMIT. One that raises is undone alone.

        The group is run again, a few times, when others or a lost connection undid it before COMMIT was sent.
        """
        try:
            return self._run(group)
        finally:
            self._watch.leave(self)

    def _run(self, group: Sequence[Work]) -> list[Outcome]:
        began = self._clock.monotonic()
        for chance in range(1, CHANCES + 1):
            try:
                connection = self._begun()
                done = [self._attempt(connection, work, len(group) > 1) for work in group]
            except (psycopg.Error, StoreError) as error:
                again = postgresql.may_try_again(error) or self._is_lost()
                self._abandon()
                if not again or chance == CHANCES or self._clock.monotonic() - began > PATIENCE_SECONDS:
                    return self._failed(group, error)
            else:
                break
        try:
            self._finish(connection, done)
        except (psycopg.Error, StoreError) as error:
            unknown = self._unknown(error) if self._is_lost() else error
            self._abandon()
            return self._failed(group, unknown)
        self._notify(done)
        return done

    def close(self) -> None:
        """Close the connection and watch no more."""
        self._watch.close()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begun(self) -> psycopg.Connection[Any]:
        """The connection inside a transaction that holds the right to write."""
        if self._connection is None or self._connection.closed:
            self._connection = postgresql.connect(self._url)
        self._watch.enter(self, self._connection)
        micros, version = last_row(self._connection.execute(self._begin))
        check_not_newer(version or 0, self._where)
        self._moment.set(self._clock.told(micros) if isinstance(self._clock, DatabaseClock) else self._clock.now())
        return self._connection

    def _attempt(self, connection: psycopg.Connection[Any], work: Work, several: bool) -> Outcome:
        if several:
            connection.execute(b"SAVEPOINT work")
        tx = Tx(Session(Link(connection), self._queries), self._now(), self._make_id)
        try:
            outcome = Outcome(work(tx), None, tx.hints)
            self._check_sound(connection)
        except BaseException as error:  # whatever it is, it belongs to the caller, not to the writer
            if postgresql.may_try_again(error) or postgresql.is_lost(connection):
                raise self._fate_of_all(error) from error
            if several:
                connection.execute(b"ROLLBACK TO work")
            outcome = Outcome(error=self._meaning(error))
        if several:
            connection.execute(b"RELEASE work")
        return outcome

    def _now(self) -> datetime:
        return self._moment.now() if isinstance(self._clock, DatabaseClock) else self._clock.now()

    def _check_sound(self, connection: psycopg.Connection[Any]) -> None:
        # A function that swallowed a statement's error would be acknowledged, and undone.
        if connection.info.transaction_status != pq.TransactionStatus.INTRANS:
            raise StoreError("a statement failed and its error was swallowed", where=self._where, fix="report this")

    def _finish(self, connection: psycopg.Connection[Any], done: list[Outcome]) -> None:
        if all(outcome.error is not None for outcome in done):
            connection.execute(b"ROLLBACK")
        elif connection.execute(b"COMMIT").statusmessage != "COMMIT":
            raise StoreUnavailable("the transaction was undone", where=self._where, fix="try again")

    def _failed(self, group: Sequence[Work], error: BaseException) -> list[Outcome]:
        """Nothing of the group is acknowledged."""
        return [Outcome(error=self._meaning(error)) for _ in group]

    def _fate_of_all(self, error: BaseException) -> psycopg.Error:
        if isinstance(error, psycopg.Error):
            return error
        return psycopg.OperationalError(f"the connection was lost while a function ran: {error}")

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
