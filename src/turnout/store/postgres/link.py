"""A connection as `session.Session` uses one: `execute` takes a statement with `:name` parameters.

What only writes is not sent at once: it goes to the database together with the next statement whose answer somebody
looks at, or with the COMMIT. A transition is then three journeys instead of seven; all of them are made while every
other writer waits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg

from turnout.store.dialects import postgresql
from turnout.store.postgres import wire
from turnout.store.postgres.wire import Params, Result


class Answer:
    """The answer to a statement that may not have been sent yet: looking at it sends it. See `session.Cursor`."""

    __slots__ = ("_link", "parameters", "refused", "result", "statement")

    def __init__(self, link: "Link", statement: bytes, parameters: Params) -> None:
        self._link = link
        self.statement = statement
        self.parameters = parameters
        self.refused: Exception | None = None
        self.result: Result | None = None

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        return self._sent().rowcount

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self._sent().fetchone()

    def fetchall(self) -> list[Any]:
        """Every row."""
        return self._sent().fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._sent())

    def _sent(self) -> Result:
        if self.result is None:
            self._link.flush()
        if self.result is None:
            raise psycopg.OperationalError("the statement was given up with its transaction")
        return self.result


class Link:
    """A connection inside a transaction."""

    def __init__(self, connection: psycopg.Connection[Any], unwatch: Callable[[], None] = lambda: None) -> None:
        """unwatch: has nobody cut the connection for the time that the transaction takes."""
        self.connection = connection
        self._unwatch = unwatch
        self.wrote = False
        """Whether something was written since this was last set to False."""
        self._waiting: list[Answer] = []

    def execute(self, text: str, values: Mapping[str, Any]) -> Answer:
        """Run one statement, now if it reads."""
        statement, names, reads = postgresql.translated(text)
        parameters = [values[name] for name in names]
        answer = self.later(statement, parameters)
        self.wrote = self.wrote or not reads
        if reads:
            self.flush()
        return answer

    def write_or(self, refused: Exception, text: str, values: Mapping[str, Any]) -> None:
        """Have a statement sent that writes a row. If it writes none, a statement that is sent with it has to fail for
        that (the history of a run has each version once): then `refused` is raised in place of that error."""
        self.execute(text, values).refused = refused

    def later(self, statement: bytes, parameters: Params = None) -> Answer:
        """Have a statement sent with the next one whose answer is looked at."""
        answer = Answer(self, statement, parameters)
        self._waiting.append(answer)
        return answer

    def flush(self) -> None:
        """Send what waits, in one journey."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._send(waiting)

    def forget(self) -> None:
        """Give up what waits: its transaction, or the part of it, is undone."""
        self._waiting = []

    def execute_once(self, text: str, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        """Run one statement that reads, planned for its values."""
        self.flush()
        statement, names, _ = postgresql.translated(text)
        return self.connection.execute(statement, [values[name] for name in names], prepare=False)

    def take_time(self) -> None:
        """Let the transaction take as long as it takes."""
        self._unwatch()
        self.connection.execute(b"SELECT set_config('statement_timeout', '0', true)")

    def _send(self, answers: Sequence[Answer]) -> None:
        made = wire.together(self.connection, [(answer.statement, answer.parameters) for answer in answers])
        for answer, found in zip(answers, made, strict=True):
            if isinstance(found, psycopg.Error):
                refused = _reason(answers)
                if refused is not None:
                    raise refused from found
                raise found
            answer.result = found


def _reason(sent: Sequence[Answer]) -> Exception | None:
    """What to tell of statements that failed, if one of them was to write a row and did not."""
    return next((one.refused for one in sent if one.refused and one.result and one.result.rowcount == 0), None)


def last_row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    """The row of the last of several statements that were sent together."""
    while cursor.nextset():
        pass
    row: tuple[Any, ...] = cursor.fetchone() or ()
    return row
