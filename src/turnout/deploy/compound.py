"""Shapes of shapes: lists, alternatives, records with known keys, tables from names to values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from turnout.deploy.node import Node
from turnout.deploy.problems import Problems
from turnout.deploy.shapes import NAME, Anything, Shape, report_wrong, respell, suggest


@dataclass(frozen=True, kw_only=True)
class Many:
    """A list without repetitions."""

    item: Shape

    def check(self, node: Node, problems: Problems, path: str) -> bool:
        if not isinstance(node.data, list):
            return report_wrong(node, problems, path, "a list", "write it in brackets: [a, b]")
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
        return report_wrong(node, problems, path, self.wanted, self.fix)

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
            return report_wrong(node, problems, path, "a mapping", self.fix)
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
        fix = f"use '{self.hints[name]}'" if name in self.hints else suggest(name, [*self.keys, *self.later])
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
            return report_wrong(node, problems, path, "a mapping of names", f"write {path}: and below it name: value")
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


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _within(path: str) -> str:
    return f"{path}: " if path else ""
