"""A SQL file as statements: DuckDB's own parser splits it, so that quotes, comments and `$$` are never misread."""

import re
from dataclasses import dataclass
from typing import Any

from turnout.core.errors import DiscoveryError
from turnout.sql.driver import duckdb
from turnout.sql.header import Header

_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. number counts from 1; line is where it begins; names are the parameters it binds."""

    number: int
    line: int
    text: str
    verb: str
    names: frozenset[str]

    @property
    def title(self) -> str:
        """What it is called among the run's tasks: `2-select`."""
        return f"{self.number}-{self.verb.lower()}"

    @property
    def reads(self) -> bool:
        """Whether its result is rows to show."""
        return self.verb in ("SELECT", "EXPLAIN", "CALL", "PRAGMA", "RELATION")


def split_statements(text: str, file: str, header: Header) -> tuple[Statement, ...]:
    """The statements of `text`. Raises DiscoveryError with `file:line` for what does not parse, an empty file, or a
    parameter that the header does not declare."""
    statements, at = [], 0
    for number, parsed in enumerate(_parse(text, file), start=1):
        query = parsed.query
        at = max(text.find(query, at), at)
        statement = Statement(
            number=number,
            line=text.count("\n", 0, at) + 1,
            text=query,
            verb=parsed.type.name.split("_")[0],
            names=frozenset(parsed.named_parameters),
        )
        _check_names(statement, header, file)
        statements.append(statement)
        at += len(query)
    if not statements:
        raise DiscoveryError("there is no statement in the file", where=f"{file}:1", fix="write one, as in SELECT 1;")
    return tuple(statements)


def unused_parameters(statements: tuple[Statement, ...], header: Header) -> list[str]:
    """Declared parameters that no statement binds."""
    used = frozenset[str]().union(*(statement.names for statement in statements))
    return [parameter.name for parameter in header.parameters if parameter.name not in used]


def error_line(message: str, first_line: int) -> int:
    """The file's line that a DuckDB message means, for a statement that begins at `first_line`."""
    found = _LINE.search(message)
    return first_line + int(found[1]) - 1 if found else first_line


def first_sentence(message: str) -> str:
    """What a DuckDB message says, without the excerpt of the statement."""
    return " ".join(message.split("\n\nLINE ", maxsplit=1)[0].split())


def _parse(text: str, file: str) -> list[Any]:
    driver = duckdb()
    try:
        return list(driver.extract_statements(text))
    except driver.Error as error:
        message = str(error)
        raise DiscoveryError(
            first_sentence(message), where=f"{file}:{error_line(message, 1)}", fix="correct the statement"
        ) from None


def _check_names(statement: Statement, header: Header, file: str) -> None:
    where = f"{file}:{statement.line}"
    declared = {parameter.name for parameter in header.parameters}
    for name in sorted(statement.names - declared):
        if name.isdigit():
            raise DiscoveryError("a parameter without a name", where=where, fix="name it, as in $state")
        raise DiscoveryError(
            f"the parameter ${name} is not declared",
            where=where,
            fix=f"add -- parameter {name}: text at the top of the file",
        )
