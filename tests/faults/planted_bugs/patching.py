"""Replacing attributes of the product for the length of a `with`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def patched(*places: tuple[Any, str, Any]) -> Iterator[None]:
    """Each (owner, name, value) is so within, and as it was before afterwards."""
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in places]
    for owner, name, value in places:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def everywhere(function: Any, replacement: Any) -> list[tuple[Any, str, Any]]:
    """Every module of the product that knows `function` by a name of its own."""
    return [
        (module, name, replacement)
        for module_name, module in list(sys.modules.items())
        if module_name.startswith("turnout.") and module is not None
        for name, value in list(vars(module).items())
        if value is function
    ]
