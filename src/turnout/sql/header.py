"""The header of a SQL file: `-- key: value` comments before the first statement.

    -- name: county-model
    -- description: One row a county.
    -- connection: warehouse
    -- parameter state: text = 'OH'
    -- parameter minimum: integer
    -- export: counties.csv

Other comments are just comments, unless they look like a misspelt key. `docs/reference/sql.md` has the grammar.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from turnout.core.errors import DiscoveryError

KEYS = ("name", "description", "connection", "parameter", "export")
_LINE = re.compile(r"--\s*(?P<key>[A-Za-z]+)(?P<name>\s+\w+)?\s*:\s*(?P<value>.*?)\s*\Z")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{0,62}\Z")
_QUOTED = re.compile(r"'(?:[^']|'')*'\Z")

TYPES: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
}
"""A parameter's type -> its JSON Schema."""

_TEXT_LIKE: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


@dataclass(frozen=True, kw_only=True)
class SqlParameter:
    """A declared parameter. default: plain JSON, as in a run's parameters; None with `required` false is NULL."""

    name: str
    type: str
    required: bool
    default: Any = None

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        own = dict(TYPES[self.type])
        if self.required:
            return own
        return (
            {"anyOf": [own, {"type": "null"}], "default": None}
            if self.default is None
            else own | {"default": self.default}
        )

    def bind(self, value: Any) -> Any:
        """The value as the database gets it: dates and timestamps as such. Raises ValueError."""
        if isinstance(value, str) and self.type != "text":
            return _TEXT_LIKE[self.type](value) if self.type in _TEXT_LIKE else value
        return value


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says of itself. export: a path below the exports folder."""

    name: str | None = None
    description: str | None = None
    connection: str | None = None
    parameters: tuple[SqlParameter, ...] = ()
    export: str | None = None

    def parameter_schema(self) -> dict[str, Any]:
        """The JSON Schema of the file's parameters, like that of a Python flow's signature."""
        required = [parameter.name for parameter in self.parameters if parameter.required]
        return {
            "type": "object",
            "properties": {parameter.name: parameter.schema() for parameter in self.parameters},
            "additionalProperties": False,
        } | ({"required": required} if required else {})


def read_header(text: str, file: str) -> Header:
    """The header of the SQL `text` of `file`. Raises DiscoveryError with `file:line`."""
    found: dict[str, Any] = {}
    parameters: dict[str, SqlParameter] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip().removeprefix("\ufeff")
        if stripped and not stripped.startswith("--"):
            break
        where = f"{file}:{number}"
        key, name, value = _split(stripped, where)
        if key == "parameter":
            parameter = _parameter(name, value, where)
            if parameters.setdefault(parameter.name, parameter) is not parameter:
                raise _wrong(where, f"the parameter '{parameter.name}' is declared twice", "keep one of the two")
        elif key is not None:
            if key in found:
                raise _wrong(where, f"'{key}' is here twice", "keep one of the two")
            found[key] = _CHECKS[key](value, where)
    return Header(parameters=tuple(parameters.values()), **found)


def _split(line: str, where: str) -> tuple[str | None, str, str]:
    """(key, name, value) of a header line; (None, "", "") for any other comment."""
    match = _LINE.match(line)
    if match is None:
        return None, "", ""
    key, name, value = match["key"], (match["name"] or "").strip(), match["value"]
    if key in KEYS and bool(name) == (key == "parameter"):
        if not value:
            raise _wrong(where, f"'{key}' has no value", f"write -- {key}: value, or remove the line")
        return key, name, value
    if key == "parameter":
        raise _wrong(where, "the parameter has no name", "write -- parameter state: text = 'OH'")
    close = get_close_matches(key.lower(), KEYS, n=1, cutoff=0.8)
    if close and (not name or close[0] == "parameter"):
        raise _wrong(where, f"there is no header '{key}'", f"did you mean '{close[0]}'?")
    return None, "", ""


def _parameter(name: str, value: str, where: str) -> SqlParameter:
    kind, equals, literal = (part.strip() for part in value.partition("="))
    if not _IDENTIFIER.match(name):
        raise _wrong(where, f"'{name}' is not the name of a parameter", "use letters, digits and underscores")
    if kind not in TYPES:
        close = get_close_matches(kind.lower(), TYPES, n=1)
        fix = f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(TYPES)}"
        raise _wrong(where, f"the parameter '{name}' has no type '{kind}'", fix)
    if not equals:
        return SqlParameter(name=name, type=kind, required=True)
    return SqlParameter(name=name, type=kind, required=False, default=_literal(kind, literal, where))


def _literal(kind: str, literal: str, where: str) -> Any:
    """The default as plain JSON: dates and timestamps stay text."""
    if literal.lower() == "null":
        return None
    try:
        if kind in _TEXT_LIKE:
            if not _QUOTED.match(literal):
                raise ValueError
            text = literal[1:-1].replace("''", "'")
            _TEXT_LIKE[kind](text)
            return text
        if kind == "boolean":
            return {"true": True, "false": False}[literal.lower()]
        return int(literal) if kind == "integer" else _number(literal)
    except (ValueError, KeyError):
        examples = {"text": "'OH'", "date": "'2026-11-03'", "timestamp": "'2026-11-03T18:00:00'", "boolean": "true"}
        fix = f"write it like {examples.get(kind, '5')}, or null"
        raise _wrong(where, f"the default {literal or '(nothing)'} is no {kind}", fix) from None


def _number(literal: str) -> float:
    value = float(literal)
    if value - value != 0:
        raise ValueError("not finite")
    return value


def _check_name(value: str, where: str) -> str:
    if not _NAME.match(value):
        raise _wrong(where, f"'{value}' is not a name", "use small letters, digits and dashes, at most 63")
    return value


def _check_export(value: str, where: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or "\0" in value:
        raise _wrong(where, f"the export '{value}' is outside of the exports folder", "write a relative path: turf.csv")
    if path.suffix.lower() != ".csv":
        raise _wrong(where, f"the export '{value}' is not a .csv file", "only CSV is supported by this version")
    return value


_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "name": _check_name,
    "description": lambda value, where: value,
    "connection": _check_name,
    "export": _check_export,
}


def _wrong(where: str, what: str, fix: str) -> DiscoveryError:
    return DiscoveryError(what, where=where, fix=fix)
