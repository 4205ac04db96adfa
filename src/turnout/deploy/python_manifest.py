"""What `turnout.py` declares: its `manifest()`, as plain data. Runs users' code, so only where `deploy.probe` does."""

import ast
import json
import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from turnout.core.errors import DiscoveryError
from turnout.deploy.yaml_source import CONTROL, DEPTH, NODES

FILE = "turnout.py"
FUNCTION = "manifest"
_EXAMPLE = 'def manifest(): return {"deployments": {"load": {"flow": "flows/load.py:load"}}}'

under_way = False
"""Whether this process is asking `turnout.py` what it declares: then nobody can be told."""


def declares(module: ModuleType) -> dict[str, Any]:
    """{"declared": plain data, "guarded": whether it says something when it is run}. Raises DiscoveryError, and what
    the function raises."""
    found = getattr(module, FUNCTION, None)
    if not callable(found):
        raise DiscoveryError(f"{FILE} has no function '{FUNCTION}'", where=f"{FILE}:1", fix=f"write {_EXAMPLE}")
    first, second = (_plain(found()) for _ in range(2))
    if json.dumps(first, sort_keys=True) != json.dumps(second, sort_keys=True):
        line = getattr(getattr(found, "__code__", None), "co_firstlineno", 1)
        raise DiscoveryError(
            f"{FUNCTION}() says something else each time it is asked",
            where=f"{FILE}:{line}",
            fix="make it of nothing but this repository: no time, no chance, no order of a set",
        )
    return {"declared": first, "guarded": _is_guarded(module)}


def place(path: str) -> str:
    """Where something is that Python declares."""
    return f"{path} in {FILE}" if path else FILE


def _plain(declared: Any) -> Any:
    return _Reader().read(declared, "", 0)


class _Reader:
    """Counts the values as it reads them, so that a bomb is found before it goes off."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, value: Any, path: str, depth: int) -> Any:
        self.count += 1
        if self.count > NODES:
            raise _refused(path, f"more than {NODES:,} values", "move data out of the manifest")
        if depth > DEPTH:
            raise _refused(path, f"nested deeper than {DEPTH} levels", "check what holds itself")
        if isinstance(value, Mapping):
            return {_key(key, path): self.read(each, _below(path, key), depth + 1) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.read(each, f"{path}[{number}]", depth + 1) for number, each in enumerate(value)]
        return _scalar(value, path)


def _scalar(value: Any, path: str) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str):
        if bad := CONTROL.search(value):
            raise _refused(path, f"a control character {bad[0]!r} does not belong here", "remove it")
        return str(value)
    what = f"{type(value).__name__} is no value of a manifest"
    raise _refused(path, what, "give text, a number, true or false, a list or a dict, as turnout.yaml would have it")


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return str(key)
    raise _refused(path, f"the key {key!r} is no text", "put quotes around it")


def _below(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _refused(path: str, what: str, fix: str) -> DiscoveryError:
    return DiscoveryError(what, where=place(path), fix=fix)


def _is_guarded(module: ModuleType) -> bool:
    """Whether the file looks at the name it is run under."""
    with open(str(module.__file__), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    tests = [node.test for node in tree.body if isinstance(node, ast.If)]
    return any(isinstance(name, ast.Name) and name.id == "__name__" for test in tests for name in ast.walk(test))
