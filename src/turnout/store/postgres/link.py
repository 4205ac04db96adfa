"""A connection as `session.Session` uses one: `execute` takes a statement with `:name` parameters."""

from collections.abc import Mapping
from typing import Any

import psycopg

from turnout.store.dialects import postgresql


class Link:
    """A connection inside a transaction."""

    __slots__ = ("connection",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, text: str, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        """Run one statement; its cursor."""
        statement, names = postgresql.translated(text)
        return self.connection.execute(statement, [values[name] for name in names])


def last_row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    """The row of the last of several statements that were sent together."""
    while cursor.nextset():
        pass
    row: tuple[Any, ...] = cursor.fetchone() or ()
    return row
