"""Several statements in one journey to the database, each prepared on first use.

By hand, not by `Connection.pipeline()`: that ends with a message after its Sync, upon which PostgreSQL forgets
`idle_in_transaction_session_timeout`, and a server that stopped then would keep the right to write for ever. It also
takes half the time.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import abc, errors, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import fetch_many, pipeline_communicate, send

Params = Sequence[Any] | None
NAMES = 300
"""How many statements a connection keeps prepared."""


class Result:
    """The answer to one statement, as far as `session.Cursor` and the writer need it."""

    def __init__(self, result: pq.abc.PGresult, transformer: abc.Transformer) -> None:
        self.rowcount = result.command_tuples or 0
        self.statusmessage = (result.command_status or b"").decode()
        self._rows: deque[Any] = deque()
        if result.ntuples:
            transformer.set_pgresult(result)
            self._rows.extend(transformer.load_rows(0, result.ntuples, tuple))

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self._rows.popleft() if self._rows else None

    def fetchall(self) -> list[Any]:
        """Every row that is left."""
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()


def together(
    connection: psycopg.Connection[Any], statements: Sequence[tuple[bytes, Params]]
) -> list[Result | psycopg.Error | None]:
    """What became of each statement: its answer, why it failed, or None where it was not run because one before failed.

    Raises OperationalError when the connection is lost.
    """
    wire = _wires.get(connection) or _wires.setdefault(connection, _Wire(connection))
    return wire.together(statements)


def row_of_last(connection: psycopg.Connection[Any], statements: Sequence[bytes]) -> tuple[Any, ...]:
    """Send statements without parameters in one journey: the row of the last. Raises the error of one that fails."""
    made = together(connection, [(statement, None) for statement in statements])
    for one in made:
        if isinstance(one, psycopg.Error):
            raise one
    last = made[-1]
    row: tuple[Any, ...] = last.fetchone() if isinstance(last, Result) else ()
    return row


class _Wire:
    """What is kept of a connection: the names of its prepared statements."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._pgconn = connection.pgconn
        self._wait = connection.wait
        self._transformer = Transformer(connection)
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self._given = 0

    def together(self, statements: Sequence[tuple[bytes, Params]]) -> list[Result | psycopg.Error | None]:
        pgconn = self._pgconn
        pgconn.enter_pipeline_mode()
        try:
            commands: list[Callable[[], None]] = []
            places = [self._add(commands, *one) for one in statements]
            commands.append(pgconn.pipeline_sync)
            fetched = self._wait(_journey(pgconn, commands))
        except BaseException:
            self._names.clear()  # nothing may have been sent, because of a value that cannot be
            raise
        finally:
            with contextlib.suppress(psycopg.OperationalError):
                pgconn.exit_pipeline_mode()
        made = [self._outcome(fetched[first:last]) for first, last in places]
        if any(isinstance(one, psycopg.Error) for one in made):
            self._names.clear()  # some may not have been prepared
        return made

    def _add(self, commands: list[Callable[[], None]], statement: bytes, parameters: Params) -> tuple[int, int]:
        """Have a statement sent; where among the answers its own are."""
        first = len(commands)
        values = self._transformer.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters)) if parameters else []
        types = tuple(self._transformer.types or ()) if parameters else ()
        formats = self._transformer.formats if parameters else None
        name = self._names.get((statement, types))
        if name is None:
            name = self._name(statement, types)
            commands.append(partial(self._pgconn.send_prepare, name, statement, types))
        commands.append(partial(self._pgconn.send_query_prepared, name, values, formats))
        return first, len(commands)

    def _name(self, statement: bytes, types: tuple[int, ...]) -> bytes:
        if len(self._names) >= NAMES:
            return b""  # prepared for this once
        self._given += 1
        return self._names.setdefault((statement, types), f"turnout_{self._given}".encode())

    def _outcome(self, answers: Sequence[Sequence[pq.abc.PGresult]]) -> Result | psycopg.Error | None:
        for [result] in answers:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                return errors.error_from_result(result)
            if result.status == pq.ExecStatus.PIPELINE_ABORTED:
                return None
        return Result(answers[-1][0], self._transformer)


def _journey(pgconn: pq.abc.PGconn, commands: Sequence[Callable[[], None]]) -> Any:
    """A generator for `Connection.wait`: the answers of each command, that of the Sync last."""
    fetched = yield from pipeline_communicate(pgconn, deque(commands))
    yield from send(pgconn)  # what the socket had no room for yet
    while len(fetched) < len(commands):
        fetched.append((yield from fetch_many(pgconn)))
    return fetched


_wires: "WeakKeyDictionary[psycopg.Connection[Any], _Wire]" = WeakKeyDictionary()
