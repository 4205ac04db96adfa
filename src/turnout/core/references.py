"""`${var:name}` in the values of a manifest: found when it is checked, resolved when a run starts."""

import re
from collections.abc import Mapping
from typing import Any

_REFERENCE = re.compile(r"\$\{var:([^{}]+)\}")


def references(value: Any) -> frozenset[str]:
    """The names of the variables that `value` (plain JSON) refers to, at any depth."""
    if isinstance(value, str):
        return frozenset(_REFERENCE.findall(value))
    if isinstance(value, Mapping):
        return frozenset[str]().union(*(references(item) for item in value.values()))
    if isinstance(value, list | tuple):
        return frozenset[str]().union(*(references(item) for item in value))
    return frozenset()


def resolve(value: Any, variables: Mapping[str, Any]) -> Any:
    """`value` with every reference replaced. A string that is one reference takes the variable's type; within longer
    text the variable is spelled out. Raises KeyError for a variable that is not there."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        return variables[whole[1]] if whole else _REFERENCE.sub(lambda found: str(variables[found[1]]), value)
    if isinstance(value, Mapping):
        return {key: resolve(item, variables) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, variables) for item in value]
    return value
