"""Typed JSON back to values; the other half of `typed_json`, loaded only when an attempt resumes."""

from __future__ import annotations

import sys
from binascii import a2b_base64
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from turnout.core.errors import ResultUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def restore(typed: Any) -> Any:
    """The value that parsed typed JSON stands for. Raises ResultUnavailable if its class is gone."""
    if type(typed) is list:
        return [restore(item) for item in typed]
    if type(typed) is not dict:
        return typed
    kind = typed.get("$type")
    if kind is None:
        return {key: restore(item) for key, item in typed.items()}
    restorer = _RESTORERS.get(kind)
    if restorer is None:
        raise ResultUnavailable(f"a stored result has the unknown type '{kind}'", fix="upgrade turnout on this machine")
    return restorer(typed)


def _moment(kind: Any) -> Callable[[dict[str, Any]], Any]:
    def parse(typed: dict[str, Any]) -> Any:
        value: Any = kind.fromisoformat(typed["value"])
        if "zone" in typed:
            return value.replace(tzinfo=ZoneInfo(typed["zone"]), fold=typed["fold"])
        return value

    return parse


def _dataclass(typed: dict[str, Any]) -> Any:
    kind = _find_class(typed["class"])
    value: Any = object.__new__(kind)  # not through __init__: fields hold what they held, defaults and checks aside
    for name, field in typed["fields"].items():
        object.__setattr__(value, name, restore(field))
    return value


def _model(typed: dict[str, Any]) -> Any:
    kind = _find_class(typed["class"])
    value: Any = object.__new__(kind)  # not validated again: it holds what it held
    kept = {"dict__": restore(typed["fields"]), "pydantic_fields_set__": set(map(restore, typed["set"]))}
    for name in ("extra", "private"):
        kept[f"pydantic_{name}__"] = restore(typed[name]) if name in typed else None
    for name, content in kept.items():
        object.__setattr__(value, f"__{name}", content)
    return value


def _find_class(reference: str) -> type:
    module, _, path = reference.partition(":")
    try:
        found: Any = sys.modules.get(module) or import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ResultUnavailable(f"the class {reference} of a stored result is gone: {error}") from error
    if not isinstance(found, type) or not any(hasattr(found, mark) for mark in _MARKS):
        raise ResultUnavailable(f"{reference} of a stored result is no longer a dataclass, a model or an enum")
    return found


_MARKS = ("__dataclass_fields__", "__members__", "__pydantic_fields_set__")
_RESTORERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "tuple": lambda typed: tuple(map(restore, typed["items"])),
    "set": lambda typed: set(map(restore, typed["items"])),
    "frozenset": lambda typed: frozenset(map(restore, typed["items"])),
    "dict": lambda typed: {restore(key): restore(item) for key, item in typed["items"]},
    "int": lambda typed: int(typed["value"], 16),
    "float": lambda typed: float(typed["value"]),
    "text": lambda typed: a2b_base64(typed["value"]).decode("utf-8", "surrogatepass"),
    "bytes": lambda typed: a2b_base64(typed["value"]),
    "bytearray": lambda typed: bytearray(a2b_base64(typed["value"])),
    "datetime": _moment(datetime),
    "time": _moment(time),
    "date": lambda typed: date.fromisoformat(typed["value"]),
    "timedelta": lambda typed: timedelta(*typed["value"]),
    "decimal": lambda typed: Decimal(typed["value"]),
    "uuid": lambda typed: UUID(typed["value"]),
    "path": lambda typed: Path(restore(typed["value"])),
    "enum": lambda typed: _find_class(typed["class"])[typed["name"]],  # type: ignore[index]
    "dataclass": _dataclass,
    "pydantic": _model,
}
