"""One statement on a connection: bound, executed, counted, and what it showed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from turnout.core.errors import ParameterError, SqlError
from turnout.core.limits import SQL_SAMPLE_ROWS
from turnout.sql.driver import duckdb
from turnout.sql.export import write_csv
from turnout.sql.header import SqlParameter
from turnout.sql.statements import Statement, error_line, first_sentence

BATCH = 5000
_CELL = 500
"""Characters of a value that the sample shows."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a statement did. rows: affected, or read in full when exported, else None. sample: the first rows, plain."""

    rows: int | None = None
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[Any, ...], ...] = ()
    more: bool = False
    """Whether there were more rows than the sample."""


def bind(parameters: tuple[SqlParameter, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Each declared parameter's value as the database takes it. Raises ParameterError."""
    bound = {}
    for parameter in parameters:
        value = values.get(parameter.name, parameter.default)
        try:
            bound[parameter.name] = parameter.bind(value)
        except ValueError:
            raise ParameterError(
                f"the parameter '{parameter.name}' does not fit: {value!r} is no {parameter.type}",
                fix="write 2026-11-03, or 2026-11-03T18:00:00",
            ) from None
    return bound


def execute(
    opened: Any, statement: Statement, values: Mapping[str, Any], *, file: str, export: Path | None = None
) -> Outcome:
    """Run one statement on a DuckDB connection; with `export`, write its rows there. Raises SqlError with file:line."""
    wanted = {name: values[name] for name in statement.names}
    driver = duckdb()
    try:
        result = opened.execute(statement.text, wanted) if wanted else opened.execute(statement.text)
        return _show(result, export) if statement.reads else Outcome(rows=_affected(result))
    except driver.Error as error:
        message = str(error)
        where = f"{file}:{error_line(message, statement.line)}"
        raise SqlError(
            f"{where}: {first_sentence(message)}",
            where=where,
            fix=f"look at statement {statement.number} of the file",
        ) from error


def _affected(result: Any) -> int | None:
    """DuckDB answers INSERT, UPDATE, DELETE, COPY and CREATE TABLE AS with one row: Count."""
    if not result.description or [column[0] for column in result.description] != ["Count"]:
        return None
    row = result.fetchone()
    return int(row[0]) if row else None


def _show(result: Any, export: Path | None) -> Outcome:
    columns = tuple(column[0] for column in result.description)
    first = result.fetchmany(SQL_SAMPLE_ROWS + 1)
    sample = tuple(tuple(_plain(value) for value in row) for row in first[:SQL_SAMPLE_ROWS])
    rows = write_csv(export, columns, _all(first, result)) if export else None
    more = len(first) > SQL_SAMPLE_ROWS
    return Outcome(rows=rows if rows is not None or more else len(first), columns=columns, sample=sample, more=more)


def _all(first: list[tuple[Any, ...]], result: Any) -> Iterator[tuple[Any, ...]]:
    yield from first
    while batch := result.fetchmany(BATCH):
        yield from batch


def _plain(value: Any) -> Any:
    """A value as JSON has it: numbers beyond 2**53, dates, decimals, lists and structs become text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -(2**53) <= value <= 2**53 else str(value)
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    text = (
        value.isoformat(" ")
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else str(value)
    )
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
