"""Which code a step ran: a digest of its function that comments, line numbers and the docstring do not change.

Of the function itself only: what it calls is not followed. `<implementation>:<own>:<around>`, where *around* is the
function that the step was called in. Digests of different Python versions cannot be compared.
"""

from __future__ import annotations

import hashlib
import sys
from types import CodeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.definitions.options import Definition

LENGTH = 16


def step_code(scope: Scope) -> str:
    """The code of the step `scope` and of the function around it."""
    around = scope.parent.definition if scope.parent is not None else None
    own = digest(scope.definition)
    return f"{sys.implementation.cache_tag}:{own}:{digest(around) if around is not None else ''}"


def digest(definition: Definition) -> str:
    """Of a definition's function; computed once."""
    known = definition.__dict__.get("_code_digest")
    if known is None:
        function = definition.fn
        parts = _code(function.__code__, function.__doc__), function.__defaults__, function.__kwdefaults__
        known = hashlib.sha256("\0".join(map(_constant, parts)).encode("utf-8", "backslashreplace")).hexdigest()[
            :LENGTH
        ]
        definition.__dict__["_code_digest"] = known
    return str(known)


def differs(recorded: str | None, code: str) -> bool:
    """Whether the step's own code is known to be another one."""
    return _part(recorded, code, 1)


def differs_around(recorded: str | None, code: str) -> bool:
    """Whether the function that the step was called in is known to be another one."""
    return _part(recorded, code, 2)


def _part(recorded: str | None, code: str, index: int) -> bool:
    if recorded is None:
        return False
    before, now = recorded.split(":"), code.split(":")
    return len(before) == len(now) and before[0] == now[0] and before[index] != now[index]


def _code(code: CodeType, docstring: str | None) -> str:
    constants = code.co_consts
    if constants and constants[0] == docstring:  # None where there is no docstring
        constants = constants[1:]
    said = [code.co_code.hex(), repr((code.co_names, code.co_varnames, code.co_freevars, code.co_flags))]
    return "\0".join([*said, *map(_constant, constants)])


def _constant(value: Any) -> str:
    """The same text in every process: sets have no order of their own, and addresses differ."""
    if isinstance(value, CodeType):
        return _code(value, None)
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(_constant, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(_constant, value)) + ")"
    if isinstance(value, dict):
        return "[" + ",".join(f"{_constant(key)}:{_constant(item)}" for key, item in value.items()) + "]"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)) or value is Ellipsis:
        return f"{type(value).__name__} {value!r}"
    return type(value).__qualname__
