"""What a value of the manifest may look like: small shapes that check a node and describe themselves as JSON Schema.

A shape's `check` reports everything that is wrong below the node and says whether the value can be used. Messages name
the path of keys, what was expected, and what is there.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from turnout.core.durations import parse_duration
from turnout.core.rates import parse_rate
from turnout.deploy.node import Node, shorten
from turnout.deploy.problems import Problems

NAME_PATTERN = "[a-z0-9][a-z0-9-]{0,62}"
NAME = re.compile(NAME_PATTERN + r"\Z")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")


class Shape(Protocol):
    """One kind of value."""

    def check(self, node: Node, problems: Problems, path: str) -> bool: ...

    def schema(self) -> dict[str, Any]:
        """The shape as JSON Schema."""
        ...


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text, matching `pattern` if there is one; `like` is what a good one looks like."""

    pattern: str | None = None
    like: str | None = None

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        fix = f"write it like {self.like}" if self.like else "put quotes around it"
        if not isinstance(node.data, str):
            return report_wrong(node, problems, path, "text", fix)
        if not node.data.strip():
            return report_wrong(node, problems, path, "text that is not empty", fix)
        if not self.pattern or re.fullmatch(self.pattern, node.data):
            return True
        if self.pattern == NAME_PATTERN:
            problems.error(node.at, f"{path}: '{shorten(node.data)}' is not a name", f"write {respell(node.data)}")
        else:
            problems.error(node.at, f"{path}: '{shorten(node.data)}' is not spelled as it must be", fix)
        return False

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1} | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number of at least `minimum` and at most `maximum`."""

    minimum: int = 0
    maximum: int = 1_000_000

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        if isinstance(node.data, int) and not isinstance(node.data, bool) and self.minimum <= node.data <= self.maximum:
            return True
        wanted = f"a whole number from {self.minimum:,} to {self.maximum:,}"
        return report_wrong(node, problems, path, wanted, f"write {path.rpartition('.')[2]}: {max(self.minimum, 1)}")

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many in which time."""

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        try:
            parse_rate(node.data if isinstance(node.data, str) else "")
        except ValueError:
            return report_wrong(node, problems, path, "a rate", "write 10/s, 5/m, 100/h or 1000/d")
        return True

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^ *[1-9][0-9]{0,5} ?/ ?(s|m|h|d) *$"}


@dataclass(frozen=True, kw_only=True)
class Flag:
    """true or false."""

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        return isinstance(node.data, bool) or report_wrong(node, problems, path, "true or false", "write true or false")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Length:
    """A length of time, above zero unless `zero`."""

    zero: bool = False

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        try:
            seconds = parse_duration(node.data if isinstance(node.data, str | int | float) else "")
        except ValueError:
            return report_wrong(node, problems, path, "a length of time", "write 30s, 5m, 1h30m or 2d")
        if seconds == 0 and not self.zero:
            return report_wrong(node, problems, path, "a length of time above zero", "write 30s, 5m, 1h30m or 2d")
        return True

    def schema(self) -> dict[str, Any]:
        text = {"type": "string", "pattern": "^[0-9][0-9a-z. ]*$"}
        return {
            "anyOf": [
                text,
                {"type": "number", "minimum": 0} if self.zero else {"type": "number", "exclusiveMinimum": 0},
            ]
        }


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a few words; `later` are words of other versions, with what they are."""

    options: tuple[str, ...]
    later: tuple[str, ...] = ()

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        if node.data in self.options:
            return True
        listed = ", ".join(self.options)
        if node.data in self.later:
            problems.error(node.at, f"{path}: '{node.data}' is not supported by this version", f"use {listed}")
            return False
        return report_wrong(
            node, problems, path, f"one of {listed}", suggest(str(node.data), self.options) or f"use {listed}"
        )

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.options)}


@dataclass(frozen=True, kw_only=True)
class Anything:
    """Any value."""

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        return True

    def schema(self) -> dict[str, Any]:
        return {}


def respell(name: str, pattern: re.Pattern[str] = NAME) -> str:
    """A proper name close to `name`, with the rule in words."""
    if pattern is VARIABLE:
        spelled = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:63]
        return f"'{spelled or 'name'}': letters, digits and underscores, at most 63"
    spelled = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]
    return f"'{spelled or 'name'}': small letters, digits and dashes, at most 63"


def suggest(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """The known word that was probably meant, as a fix."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else None


def report_wrong(node: Node, problems: Problems, path: str, wanted: str, fix: str) -> bool:
    """Report that the node is not what is wanted; False."""
    problems.error(node.at, f"{path or 'the file'} must be {wanted}, this is {node.kind}", fix)
    return False
