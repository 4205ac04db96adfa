"""Entrypoints: `path/file.py:function` or `path/file.sql` to a flow."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location

from turnout.core.errors import DiscoveryError
from turnout.engine.flow import Flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType
    from typing import Any

SQL_LOADER = "turnout.sql.flow:load"


def load_entrypoint(entrypoint: str) -> Flow[..., Any]:
    """The flow that `entrypoint` names, relative to the current folder. User code is imported.

    Raises DiscoveryError; what the file itself raises on import goes through as it is.
    """
    path, _, name = entrypoint.partition(":")
    if not os.path.isfile(path):
        raise DiscoveryError(
            f"there is no file '{path}'", where=entrypoint, fix="check the path; it is relative to the project"
        )
    if path.endswith(".sql"):
        return resolve(SQL_LOADER)(entrypoint)  # type: ignore[no-any-return]
    found: Any = load_module(path)
    for part in (name or _only_flow(found, path)).split("."):
        found = getattr(found, part, None)
    if isinstance(found, Flow):
        return found
    flows = [key for key, value in vars(load_module(path)).items() if isinstance(value, Flow)]
    raise DiscoveryError(
        f"'{name}' in {path} is not a flow",
        where=entrypoint,
        fix=f"the flows there are: {', '.join(flows)}" if flows else "decorate the function with @flow",
    )


def load_flow_from_entrypoint(entrypoint: str, use_placeholder_flow: bool = True) -> Flow[..., Any]:
    """The flow that `path/file.py:function`, `package.module:function` or `package.module.function` names.

    Raises DiscoveryError; what the module itself raises on import goes through as it is, whatever
    `use_placeholder_flow` says: a flow that cannot be loaded is not put off until it is run.
    """
    path, colon, name = entrypoint.rpartition(":")
    if path.endswith((".py", ".sql")) or entrypoint.endswith((".py", ".sql")):
        return load_entrypoint(entrypoint)
    module, _, name = (path, colon, name) if colon else entrypoint.rpartition(".")
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise DiscoveryError(
            f"there is no module '{error.name}'", where=entrypoint, fix="write path/file.py:flow or module:flow"
        ) from None
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, Flow):
        return found
    raise DiscoveryError(
        f"'{name}' in {module} is not a flow", where=entrypoint, fix="decorate the function with @flow"
    )


def select_flow(
    flows: Iterable[Flow[..., Any]], flow_name: str | None = None, from_message: str | None = None
) -> Flow[..., Any]:
    """The only one of `flows`, or the one called `flow_name`. Raises DiscoveryError. from_message: where they are."""
    by_name = {flow.name: flow for flow in flows}
    place = f" {from_message}" if from_message else ""
    there = f"the flows there are: {', '.join(by_name)}"
    if not by_name:
        raise DiscoveryError(f"there are no flows{place}", fix="decorate a function with @flow")
    if flow_name is not None and flow_name not in by_name:
        raise DiscoveryError(f"there is no flow '{flow_name}'{place}", fix=there)
    if flow_name is None and len(by_name) > 1:
        raise DiscoveryError(f"there are {len(by_name)} flows{place}", fix=f"name one; {there}")
    return by_name[flow_name] if flow_name is not None else next(iter(by_name.values()))


def search(folder: str) -> None:
    """Have modules looked for in `folder` before anywhere else. Where it has a `turnout.py`, after all else: processes
    that this one starts shall not take it for this package."""
    if folder in sys.path:
        return
    if os.path.isfile(os.path.join(folder, "turnout.py")):
        sys.path.append(folder)
    else:
        sys.path.insert(0, folder)


def load_module(path: str) -> ModuleType:
    """Import a Python file: under the name that the rest of the project imports it by, if there is one."""
    full = os.path.realpath(path)
    relative = os.path.relpath(full, os.path.realpath(os.getcwd()))
    dotted = relative[:-3].replace(os.sep, ".")
    if all(part.isidentifier() for part in dotted.split(".")) and _is_importable_as(dotted, full):
        return import_module(dotted)
    name = "turnout_flow_" + "".join(character if character.isalnum() else "_" for character in relative[:-3])
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == full:
        return loaded
    spec = spec_from_file_location(name, full)
    if spec is None or spec.loader is None:
        raise DiscoveryError(f"{path} is not a Python file", fix="name a .py or a .sql file")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def resolve(dotted: str) -> Any:
    """The object that `package.module:name` names."""
    module, _, name = dotted.partition(":")
    return getattr(import_module(module), name)


def _only_flow(module: ModuleType, path: str) -> str:
    flows = [
        key for key, value in vars(module).items() if isinstance(value, Flow) and value.__module__ == module.__name__
    ]
    if len(flows) != 1:
        raise DiscoveryError(
            f"{path} has {len(flows) or 'no'} flows", fix=f"write {path}:{flows[0] if flows else 'function'}"
        )
    return flows[0]


def _is_importable_as(dotted: str, full: str) -> bool:
    """Whether `import dotted` gives this very file, judged by the path alone: nothing is imported to find out."""
    top = dotted.partition(".")[0]
    if top in sys.modules or top in sys.stdlib_module_names:
        origin = getattr(sys.modules.get(dotted), "__file__", None)
        return origin is not None and os.path.realpath(origin) == full
    from importlib.util import find_spec

    spec = find_spec(top)
    if spec is None:
        return False
    places = [spec.origin] if spec.origin and "." not in dotted else list(spec.submodule_search_locations or ())
    return any(full.startswith(os.path.realpath(place)) for place in places if place)
