"""Several statements in one journey: answers, errors, and a transaction that PostgreSQL still watches over."""

import selectors
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from turnout.store.dialects import postgresql
from turnout.store.postgres import wire
from turnout.store.postgres.watch import sever
from turnout.store.postgres.wire import Result, together


@pytest.fixture
def connection(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with postgresql.connect(postgres_url) as opened:
        opened.execute(b"CREATE TEMPORARY TABLE kept (id BIGINT PRIMARY KEY, text TEXT)")
        yield opened


def answers(connection: psycopg.Connection[Any], *statements: tuple[bytes, list[Any] | None]) -> list[Result]:
    made = together(connection, statements)
    assert all(isinstance(one, Result) for one in made), made
    return [one for one in made if isinstance(one, Result)]


def test_each_statement_has_its_answer(connection: psycopg.Connection[Any]) -> None:
    insert = b"INSERT INTO kept VALUES ($1, $2)"
    for _ in range(2):  # prepared, then known
        one, two, three, last = answers(
            connection,
            (insert, [1, "a"]),
            (insert, [2, None]),
            (b"SELECT id, text FROM kept ORDER BY id", None),
            (b"DELETE FROM kept WHERE id > $1", [0]),
        )
        assert (one.rowcount, two.rowcount, last.rowcount, last.statusmessage) == (1, 1, 2, "DELETE 2")
        assert (three.fetchone(), three.fetchall(), three.fetchone()) == ((1, "a"), [(2, None)], None)


def test_after_one_that_fails_none_is_run_and_the_connection_goes_on(connection: psycopg.Connection[Any]) -> None:
    insert = b"INSERT INTO kept VALUES ($1, 'x')"
    connection.execute(b"BEGIN")
    for _ in range(2):
        connection.execute(b"SAVEPOINT here")
        one, two, three = together(connection, [(insert, [1]), (insert, [1]), (insert, [3])])
        assert isinstance(one, Result)
        assert isinstance(two, psycopg.errors.UniqueViolation)
        assert three is None
        connection.execute(b"ROLLBACK TO here")
    assert answers(connection, (insert, [1]), (insert, [2]), (b"COMMIT", None))[2].statusmessage == "COMMIT"
    assert connection.execute(b"SELECT count(*) FROM kept").fetchone() == (2,)


def test_more_statements_than_are_kept_prepared(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "NAMES", 2)
    asked = [(f"SELECT {number}".encode(), None) for number in range(5)]
    for _ in range(2):
        assert [one.fetchone() for one in answers(connection, *asked)] == [(number,) for number in range(5)]


def test_more_than_the_socket_takes_at_once(connection: psycopg.Connection[Any]) -> None:
    text = "x" * 5_000_000
    _, found = answers(connection, (b"INSERT INTO kept VALUES ($1, $2)", [1, text]), (b"SELECT text FROM kept", None))
    assert found.fetchall() == [(text,)]


def test_what_is_prepared_outlives_what_is_undone(connection: psycopg.Connection[Any]) -> None:
    """The driver forgets its own prepared statements then, and everybody's with them."""
    for _ in range(10):
        answers(connection, (b"BEGIN", None), (b"SELECT 1", None))
        for _ in range(10):
            connection.execute(b"SELECT 2")
        connection.execute(b"ROLLBACK")


def test_a_value_that_cannot_be_sent_leaves_nothing_behind(connection: psycopg.Connection[Any]) -> None:
    insert = b"INSERT INTO kept VALUES ($1, $2)"
    with pytest.raises(psycopg.DataError, match="NUL"):
        together(connection, [(insert, [1, "a"]), (insert, [2, "\0"])])
    assert [one.rowcount for one in answers(connection, (insert, [1, "a"]), (insert, [2, "b"]))] == [1, 1]


def test_a_lost_connection_is_told(connection: psycopg.Connection[Any]) -> None:
    sever(connection)
    with pytest.raises(psycopg.OperationalError):
        together(connection, [(b"SELECT 1", None), (b"SELECT 2", None)])
    assert postgresql.is_lost(connection)


def test_a_transaction_that_stands_still_afterwards_is_ended(connection: psycopg.Connection[Any]) -> None:
    """PostgreSQL counts from the last message that it got: nothing may follow the one that ends the journey."""
    stall = b"SELECT set_config('idle_in_transaction_session_timeout', '100', true)"
    answers(connection, (b"BEGIN", None), (stall, None))
    with selectors.DefaultSelector() as news:
        news.register(connection.fileno(), selectors.EVENT_READ)
        assert news.select(30), "PostgreSQL waits for ever"
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        connection.execute(b"SELECT 1")
