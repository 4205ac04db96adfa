"""In a worker process: the modules of the user's code, found as the flow process had them."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location

from turnout.core.errors import ConfigurationError
from turnout.engine.runners.pickling import MAIN_ALIAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def import_for(name: str, path: str | None) -> Any:
    """The module `name`, the script for `__main__`; from the file `path` where its name alone does not find it."""
    if name in ("__main__", MAIN_ALIAS):
        return import_main(path)
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    if path is None or _leads_to(name, path):
        return import_module(name)
    return _load(name, path)


def import_main(path: str | None) -> Any:
    """The script of the flow process, imported under another name so that its `if __name__ == "__main__"` is false;
    known as `__main__` too, which is how pickles name its classes."""
    if _main:
        return _main[0]
    if path is None:
        raise ConfigurationError("the code of an interactive session cannot be imported", fix="write it into a file")
    _main.append(_load(MAIN_ALIAS, path))
    return _main[0]


def _load(name: str, path: str) -> ModuleType:
    from turnout.engine import connect

    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} cannot be imported", fix="define the task in a .py file")
    module = sys.modules[name] = module_from_spec(spec)
    if name == MAIN_ALIAS:
        sys.modules["__main__"] = module  # before it is run: multiprocessing takes its alias from there
    before, connect.make_root = connect.make_root, _refuse
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        connect.make_root = before
    return module


def _refuse(flow: Any, _parameters: Any) -> Any:
    raise ConfigurationError(
        f"the file calls flow '{flow.name}' when it is imported, and a worker process has to import it",
        where=flow.fn.__code__.co_filename,
        fix='put the call under: if __name__ == "__main__":',
    )


def _leads_to(name: str, path: str) -> bool:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return False
    origin = spec.origin if spec is not None else None
    return origin is not None and os.path.realpath(origin) == os.path.realpath(path)


_main: list[ModuleType] = []
