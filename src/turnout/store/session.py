"""The statements of one transaction, run by the name of their file."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

from turnout.store.kept import Kept
from turnout.store.queries import Queries

Row = tuple[Any, ...]


class Cursor(Protocol):
    """An answer, as sqlite3 and psycopg both give it."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What runs a statement with `:name` parameters: sqlite3's connection, or `postgres.link.Link`."""

    def execute(self, text: str, values: Mapping[str, Any], /) -> Cursor: ...


class Session:
    """A connection inside a transaction. Every statement of the store goes through `execute_text`."""

    def __init__(self, connection: Connection, queries: Queries, kept: Kept | None = None) -> None:
        self._connection = connection
        self._queries = queries
        self.kept = kept or Kept()
        """What is declared, as the writer knows it from before; a reader keeps nothing."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._queries.dialect

    def execute(self, name: str, values: Mapping[str, Any]) -> Cursor:
        """Run `sql/<name>.sql` with `:name` parameters."""
        return self.execute_text(self._queries[name], values)

    def execute_text(self, text: str, values: Mapping[str, Any]) -> Cursor:
        """Run a statement that `filters` built."""
        return self._connection.execute(text, values)

    def execute_once(self, text: str, values: Mapping[str, Any]) -> Cursor:
        """Run a statement that `filters` built, planned for these values and not for any."""
        once = getattr(self._connection, "execute_once", self._connection.execute)
        return cast("Cursor", once(text, values))

    def take_time(self) -> None:
        """Let this transaction, which only reads, take as long as it takes."""
        lengthen = getattr(self._connection, "take_time", None)
        if lengthen is not None:
            lengthen()

    def text(self, name: str) -> str:
        """The statement in `sql/<name>.sql`, to be completed by `filters`."""
        return self._queries[name]

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """Every row of the answer."""
        return self.execute(name, values).fetchall()

    def row(self, name: str, values: Mapping[str, Any]) -> Row | None:
        """The first row of the answer."""
        found: Row | None = self.execute(name, values).fetchone()
        return found

    def write_or(self, refused: Exception, name: str, values: Mapping[str, Any]) -> None:
        """Run a statement that writes a row. Where it writes none, `refused` is raised: at once, or (see
        `postgres.link`) with a statement that follows and fails for the same reason, before anything is committed."""
        later = getattr(self._connection, "write_or", None)
        if later is not None:
            later(refused, self._queries[name], values)
        elif not self.changed(name, values):
            raise refused

    def declare(self, name: str, values: Mapping[str, Any]) -> int:
        """Run a statement that changes what is declared; how many rows it wrote."""
        written = self.execute(name, values).rowcount
        self.execute("projects/mark_declared", {})
        self.kept.changed()
        return written

    def changed(self, name: str, values: Mapping[str, Any]) -> int:
        """How many rows the statement wrote."""
        return self.execute(name, values).rowcount
