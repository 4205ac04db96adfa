"""The interface that moved code expects: `surface.json`, and what is compared with it.

surface.json: module -> name -> "value", "class", "property", "field", or a signature without types, as text. Facts
about Prefect 3.9, of the part that authors of flows import.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

SURFACE: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "surface.json").read_text())


@dataclass(frozen=True)
class Parameter:
    """name; default as text, None if there is none; star: "", "*" or "**"."""

    name: str
    default: str | None = None
    star: str = ""


def twin(module: str) -> str:
    """Where the names of a module of Prefect are here."""
    return "turnout" + module.removeprefix("prefect")


def problems(module: str) -> dict[str, str]:
    """name -> what is wrong with it here; the module itself is called ""."""
    try:
        ours = import_module(twin(module))
    except ImportError as error:
        return {"": f"there is no {twin(module)}: {error}"}
    found = ((name, _problem(ours, name, expected)) for name, expected in SURFACE[module].items())
    return {name: problem for name, problem in found if problem is not None}


def parameters(text: str) -> list[Parameter]:
    """The parameters of a signature's text."""
    function: Any = ast.parse(f"def f{text}: ...").body[0]
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + [ast.unparse(one) for one in arguments.defaults]
    found = [Parameter(each.arg, default) for each, default in zip(plain, defaults, strict=True)]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, None, "*"))
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(Parameter(each.arg, None if default is None else ast.unparse(default)))
    if arguments.kwarg:
        found.append(Parameter(arguments.kwarg.arg, None, "**"))
    return found


def _problem(module: Any, name: str, expected: str) -> str | None:
    owner: Any = None
    found: Any = module
    for part in name.split("."):
        owner = found
        found = getattr(owner, part, _MISSING)
    if expected == "field" and inspect.isclass(owner):
        return None if _has_field(owner, name.rpartition(".")[2]) else "is missing"
    if found is _MISSING:
        return "is missing"
    if expected.startswith("("):
        return next(_differences(found, parameters(expected), drops_self=inspect.isclass(owner)), None)
    if expected == "class" and not inspect.isclass(found):
        return "is no class"
    return None


def _has_field(owner: Any, field: str) -> bool:
    """Whether instances of a class have it: declared, a slot, or set when they are made."""
    if hasattr(owner, field) or field in getattr(owner, "model_fields", {}):
        return True
    return any(
        field in getattr(kind, "__annotations__", {})
        or field in getattr(getattr(kind.__dict__.get("__init__"), "__code__", None), "co_names", ())
        for kind in owner.__mro__
    )


def _differences(found: Any, expected: list[Parameter], drops_self: bool) -> Iterator[str]:
    try:
        real = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError) as error:
        yield f"has no signature: {error}"
        return
    if drops_self and real and real[0].name == "self":
        real = real[1:]
    ours = {each.name: each for each in real}
    kinds = {each.kind for each in real}
    for one in expected:
        if one.star:
            if (inspect.Parameter.VAR_POSITIONAL if one.star == "*" else inspect.Parameter.VAR_KEYWORD) not in kinds:
                yield f"takes no {one.star}{one.name}"
        elif one.name.startswith("__"):
            continue  # the function of a decorator, by position
        elif one.name not in ours:
            yield f"has no parameter '{one.name}'"
        elif (default := _shown(ours[one.name].default)) != one.default is not None:
            yield f"has {one.name}={default}, not {one.default}"
    named = {one.name for one in expected}
    for each in real:
        optional = each.default is not each.empty or each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
        if each.name not in named and not optional and each.kind is not each.POSITIONAL_ONLY:
            yield f"asks for '{each.name}', which moved code does not give"


def _shown(default: Any) -> str | None:
    if default is inspect.Parameter.empty:
        return None
    if inspect.isclass(default):
        return default.__name__
    if type(default).__mro__[1:2] and hasattr(default, "name") and hasattr(type(default), "__members__"):
        return f"{type(default).__name__}.{default.name}"
    return repr(default)


_MISSING = object()
