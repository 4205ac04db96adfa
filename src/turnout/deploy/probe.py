"""Import one file of users' code and say what its flows are: function -> facts, or {"error": {"what", "where", "fix"}}.

Runs in the project's folder, in a process of the file's own: `deploy.probes` makes those.
"""

import os
import sys
import traceback
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from turnout.core.errors import DiscoveryError, TurnoutError
from turnout.deploy import python_manifest
from turnout.engine.definitions.load import load_module, search
from turnout.engine.definitions.parameters import parameter_schema
from turnout.engine.flow import Flow


def probe(root: Path, file: str, functions: list[str]) -> dict[str, Any]:
    """function -> facts or error, of `functions` in `file` below `root`. Imports the file into this process."""
    python_manifest.under_way = file == python_manifest.FILE
    try:
        module = _import(root, file)
    except BaseException as error:
        problem = {"error": _explain(error, root, file)}
        return dict.fromkeys(functions, problem)
    modules = _project_files(root)
    return {function: _facts(module, function, root, file, modules) for function in functions}


def _import(root: Path, file: str) -> ModuleType:
    """The module of a file, imported as a worker would import it."""
    for folder in (str((root / file).parent), str(root)):
        search(folder)
    Flow.__call__ = _refuse_to_run  # type: ignore[method-assign,assignment]
    return load_module(file)


def _refuse_to_run(flow: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise DiscoveryError(
        f"importing the file runs the flow '{flow.name}'", fix="put the call under if __name__ == '__main__':"
    )


def _facts(module: ModuleType, function: str, root: Path, file: str, modules: list[str]) -> dict[str, Any]:
    try:
        if file == python_manifest.FILE:
            return python_manifest.declares(module)
        flow = _find(module, function, file)
        return {
            "flow_name": flow.name,
            "description": _first_paragraph(flow.description),
            "parameter_schema": parameter_schema(flow.fn),
            "options": {
                "retries": flow.retries or None,
                "timeout_seconds": flow.timeout_seconds,
                "tags": list(flow.tags),
            },
            "modules": modules,
        }
    except Exception as error:
        return {"error": _explain(error, root, file, doing=f"{function}() of {file}")}


def _find(module: ModuleType, function: str, file: str) -> Flow[Any, Any]:
    found = getattr(module, function, None)
    if isinstance(found, Flow):
        return found
    flows = [name for name, value in vars(module).items() if isinstance(value, Flow)]
    if found is not None:
        line = getattr(getattr(found, "__code__", None), "co_firstlineno", 1)
        raise DiscoveryError(f"'{function}' is no flow", where=f"{file}:{line}", fix=f"put @flow above {function}")
    close = get_close_matches(function, flows, n=1)
    listed = f"its flows are: {', '.join(flows)}" if flows else "define it, with @flow above"
    fix = f"did you mean '{close[0]}'?" if close else listed
    raise DiscoveryError(f"there is no '{function}' in {file}", where=f"{file}:1", fix=fix)


def _explain(error: BaseException, root: Path, file: str, doing: str | None = None) -> dict[str, str | None]:
    """What went wrong in the user's words: their file and line, the exception, the mending."""
    where = _place(error, root) or f"{file}:1"
    if isinstance(error, TurnoutError):
        return {"what": error.what, "where": _relative(error.where, root) or where, "fix": error.fix}
    said = str(error).strip().split("\n", 1)[0][:500]
    name = type(error).__qualname__
    doing = doing or f"importing {file}"
    return {
        "what": f"{doing} failed: {name}: {said}" if said else f"{doing} failed: {name}",
        "where": where,
        "fix": _mending(error, file),
    }


def _mending(error: BaseException, file: str) -> str:
    match error:
        case ModuleNotFoundError(name=str(name)):
            return f"install it and add it to the project's dependencies, or correct the name: {name.partition('.')[0]}"
        case SyntaxError():
            return "correct the line"
        case SystemExit():
            return "keep work out of the module: put it into the flow, or under if __name__ == '__main__':"
        case _:
            return f"`python {file}` shows the whole traceback"


def _place(error: BaseException, root: Path) -> str | None:
    """file:line of the last of the user's lines that led to the error, relative to the project."""
    if isinstance(error, SyntaxError) and error.filename:
        return _relative(f"{error.filename}:{error.lineno or 1}", root)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _is_own(frame.filename, root):
            return _relative(f"{frame.filename}:{frame.lineno or 1}", root)
    return None


def _relative(where: str | None, root: Path) -> str | None:
    return where.removeprefix(f"{root}{os.sep}") if where else None


def _is_own(filename: str, root: Path) -> bool:
    path = Path(filename)
    return path.is_relative_to(root) and "site-packages" not in path.parts and path.is_file()


def _project_files(root: Path) -> list[str]:
    """The project's files that are imported by now."""
    modules: Mapping[str, Any] = dict(sys.modules)
    files = {getattr(module, "__file__", None) for module in modules.values()}
    return sorted(Path(file).relative_to(root).as_posix() for file in files if file and _is_own(file, root))


def _first_paragraph(text: str | None) -> str | None:
    return " ".join(text.strip().split("\n\n", 1)[0].split()) or None if text else None
