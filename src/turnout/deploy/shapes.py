"""What a value of the manifest may look like: small shapes that check a node and describe themselves as JSON Schema.

A shape's `check` reports everything that is wrong below the node and says whether the value can be used. Messages name
the path of keys, what was expected, and what is there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

from turnout.core.durations import parse_duration
from turnout.deploy.problems import Problems
from turnout.deploy.yaml_source import Node, shorten

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
            return _wrong(node, problems, path, "text", fix)
        if not node.data.strip():
            return _wrong(node, problems, path, "text that is not empty", fix)
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
        wanted = f"a whole number from {self.minimum} to {self.maximum:,}"
        return _wrong(node, problems, path, wanted, f"write {path.rpartition('.')[2]}: {max(self.minimum, 1)}")

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, kw_only=True)
class Flag:
    """true or false."""

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        return isinstance(node.data, bool) or _wrong(node, problems, path, "true or false", "write true or false")

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
            return _wrong(node, problems, path, "a length of time", "write 30s, 5m, 1h30m or 2d")
        if seconds == 0 and not self.zero:
            return _wrong(node, problems, path, "a length of time above zero", "write 30s, 5m, 1h30m or 2d")
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
        return _wrong(
            node, problems, path, f"one of {listed}", _suggest(str(node.data), self.options) or f"use {listed}"
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


@dataclass(frozen=True, kw_only=True)
class Many:
    """A list without repetitions."""

    item: Shape

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        if not isinstance(node.data, list):
            return _wrong(node, problems, path, "a list", "write it in brackets: [a, b]")
        good = all([self.item.check(item, problems, path) for item in node.data])
        return good and self._distinct(node, problems, path)

    def _distinct(self, node: Node, problems: Problems, path: str) -> bool:
        seen: set[str] = set()
        for item in node.data:
            if isinstance(item.data, str):
                if item.data in seen:
                    problems.error(item.at, f"{path}: '{item.data}' is here twice", "keep one of the two")
                    return False
                seen.add(item.data)
        return True

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, kw_only=True)
class Either:
    """The first of `options` whose kind fits: text, number, list, mapping."""

    options: Mapping[type | tuple[type, ...], Shape]
    wanted: str
    fix: str

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        for kind, shape in self.options.items():
            if isinstance(node.data, kind) and not isinstance(node.data, bool):
                return shape.check(node, problems, path)
        return _wrong(node, problems, path, self.wanted, self.fix)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [shape.schema() for shape in self.options.values()]}


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key of a record: its shape and what it means, in one sentence."""

    shape: Shape
    doc: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """A mapping with known keys. `later`: keys of other versions. `hints`: other tools' words -> ours."""

    keys: Mapping[str, Key]
    later: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    fix: str = "write it as key: value"
    kind: str | None = None
    """The key that decides what the others may be: when it is wrong, nothing else is reported."""

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        if not isinstance(node.data, dict):
            return _wrong(node, problems, path, "a mapping", self.fix)
        deciding = node.get(self.kind) if self.kind else None
        if deciding and not self._check_key(self.kind or "", deciding, problems, path):
            return False
        rest = ((name, value) for name, value in node.data.items() if value is not deciding)
        good = all([self._check_key(name, value, problems, path) for name, value in rest])
        for name, key in self.keys.items():
            if key.required and name not in node.data:
                problems.error(node.named_at, f"{_within(path)}'{name}' is missing", f"add {name}: {key.doc}")
                good = False
        return good

    def _check_key(self, name: str, value: Node, problems: Problems, path: str) -> bool:
        if name in self.keys:
            if value.data is None and not isinstance(self.keys[name].shape, Table | Anything):
                problems.error(value.named_at, f"{_join(path, name)} has no value", "give it one or remove the line")
                return False
            return self.keys[name].shape.check(value, problems, _join(path, name))
        if name in self.later:
            what = f"{_within(path)}'{name}' is not supported by this version"
            problems.error(value.named_at, what, "remove it; it comes with a later version of Turnout")
            return False
        known = ", ".join(self.keys)
        fix = f"use '{self.hints[name]}'" if name in self.hints else _suggest(name, [*self.keys, *self.later])
        problems.error(value.named_at, f"{_within(path)}there is no key '{name}'", fix or f"the keys here are: {known}")
        return False

    def schema(self) -> dict[str, Any]:
        properties = {name: key.shape.schema() | {"description": key.doc} for name, key in self.keys.items()}
        required = [name for name, key in self.keys.items() if key.required]
        return {"type": "object", "properties": properties, "additionalProperties": False} | (
            {"required": required} if required else {}
        )


@dataclass(frozen=True, kw_only=True)
class Table:
    """A mapping from names to values of one shape; nothing at all counts as empty."""

    value: Shape
    name: re.Pattern[str] = NAME

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        if node.data is None:
            return True
        if not isinstance(node.data, dict):
            return _wrong(node, problems, path, "a mapping of names", f"write {path}: and below it name: value")
        good = all([self._check_name(name, value, problems, path) for name, value in node.data.items()])
        return self._distinct(node, problems, path) and good

    def _check_name(self, name: str, value: Node, problems: Problems, path: str) -> bool:
        good = self.value.check(value, problems, _join(path, name))
        if self.name.match(name):
            return good
        problems.error(value.named_at, f"{_within(path)}'{name}' is not a name", f"write {respell(name, self.name)}")
        return False

    def _distinct(self, node: Node, problems: Problems, path: str) -> bool:
        seen: dict[str, str] = {}
        for name, value in node.data.items():
            other = seen.setdefault(name.lower(), name)
            if other != name:
                what = f"{_within(path)}'{name}' and '{other}' differ only in case"
                problems.error(value.named_at, what, "rename one of the two")
                return False
        return True

    def schema(self) -> dict[str, Any]:
        pattern = self.name.pattern.removesuffix(r"\Z")
        return {
            "type": ["object", "null"],
            "propertyNames": {"pattern": f"^{pattern}$"},
            "additionalProperties": self.value.schema(),
        }


def respell(name: str, pattern: re.Pattern[str] = NAME) -> str:
    """A proper name close to `name`, with the rule in words."""
    if pattern is VARIABLE:
        spelled = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:63]
        return f"'{spelled or 'name'}': letters, digits and underscores, at most 63"
    spelled = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]
    return f"'{spelled or 'name'}': small letters, digits and dashes, at most 63"


def _suggest(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else None


def _wrong(node: Node, problems: Problems, path: str, wanted: str, fix: str) -> bool:
    problems.error(node.at, f"{path or 'the file'} must be {wanted}, this is {node.kind}", fix)
    return False


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _within(path: str) -> str:
    return f"{path}: " if path else ""
