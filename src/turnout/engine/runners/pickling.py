"""Values, functions and exceptions as bytes for another process, with errors that name what does not go.

Plain pickle where the other side can import what this side can; cloudpickle, if it is installed, for what it cannot:
functions of a notebook, lambdas, functions inside functions.
"""

from __future__ import annotations

import os
import pickle
import sys
from weakref import WeakKeyDictionary

from turnout.core.errors import NotSendable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FunctionType, ModuleType
    from typing import Any

    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.task import Task

    Reference = tuple[str, str, str, str | None] | tuple[str, bytes]

_PLAIN = frozenset({int, str, float, bool, bytes, type(None)})
_FAILURES = (pickle.PicklingError, TypeError, AttributeError, RecursionError, ValueError, NotImplementedError)
MAIN_ALIAS = "__mp_main__"
"""The name under which a worker process imports the script; multiprocessing has the same."""


def dumps(value: Any, by_value: bool = False) -> bytes:
    """`value` as bytes. Raises NotSendable saying why not.

    by_value: code of the script itself goes along, as to a machine that cannot import it.
    """
    try:
        if by_value or _is_interactive():
            return _cloud().dumps(value)  # type: ignore[no-any-return]
        return pickle.dumps(value, protocol=5)
    except _FAILURES as error:
        cloud = None if by_value or _is_interactive() else _cloud_if_there()
        if cloud is not None:
            try:
                return cloud.dumps(value)  # type: ignore[no-any-return]
            except Exception as second:
                raise NotSendable(_why(second)) from None
        raise NotSendable(_why(error)) from None
    except NotSendable:
        raise
    except Exception as error:  # a value's own __reduce__ may do anything
        raise NotSendable(_why(error)) from None


def check_sendable(task: Task[Any, Any], scopes: Sequence[TaskScope], by_value: bool) -> None:
    """Raise NotSendable naming the task, or the argument of one of its calls, that cannot go to another process.
    Arguments that hold futures are checked when their values are there."""
    reference(task, by_value)
    for scope in scopes:
        if not scope.needs:
            blame(task, scope.args, scope.kwargs, by_value)


def blame(task: Task[Any, Any], args: Sequence[Any], kwargs: Mapping[str, Any], by_value: bool) -> None:
    """Raise NotSendable for the first argument that does not go."""
    names = task.signature.positional
    named = [(names[index] if index < len(names) else f"#{index + 1}", value) for index, value in enumerate(args)]
    for name, value in (*named, *kwargs.items()):
        if type(value) in _PLAIN:
            continue
        try:
            dumps(value, by_value)
        except NotSendable as error:
            raise NotSendable(
                f"argument '{name}' of task '{task.name}' cannot go to another process: {error.what}",
                fix="pass what it is made from (a path, a name, a list for a generator), and make it in the task",
            ) from None


def reference(task: Task[Any, Any], by_value: bool = False) -> Reference:
    """How the other process finds the task's function: by name, or its code itself. Raises NotSendable."""
    by_value = by_value or _is_interactive()
    known = _references.get(task.fn)
    if known is None or known[0] is not by_value:
        known = _references[task.fn] = (by_value, _reference(task, by_value))
    return known[1]


def resolve(found: Reference) -> Any:
    """The function, or the task around it, that `reference` described. What importing its module raises goes
    through."""
    if found[0] == "value":
        return loads(found[1])  # type: ignore[arg-type]
    from turnout.engine.runners.importing import import_for

    _, module, qualname, path = found  # type: ignore[misc]
    owner: Any = import_for(module, path)
    for part in qualname.split("."):
        owner = getattr(owner, part)
    return owner


def main_file() -> str | None:
    """The file of the script that runs here; None in a notebook, a shell, or a program from a pipe."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.abspath(path) if path is not None and os.path.isfile(path) else None


def in_worker() -> None:
    """This process runs others' tasks: what it has was imported or came to it, and goes back plainly."""
    global _interactive  # noqa: PLW0603
    _interactive = False


def _is_interactive() -> bool:
    """Whether other processes cannot import what was defined here: then it goes by value, if anything can do that."""
    global _interactive  # noqa: PLW0603
    if _interactive is None:
        _interactive = main_file() is None and _cloud_if_there() is not None
    return _interactive


def _reference(task: Task[Any, Any], by_value: bool) -> Reference:
    function: Any = task.fn
    if function.__code__.co_flags & 0x220:
        raise NotSendable(
            f"task '{task.name}' is a generator: it cannot run in another process", fix="return a list from it"
        )
    module = sys.modules.get(function.__module__)
    path = getattr(module, "__file__", None)
    path = path if path is not None and os.path.isfile(path) else None
    if _is_found(module, function) and (path is not None or _spec_name(module)):
        if not by_value or (function.__module__ != "__main__" and _spec_name(module)):
            return ("name", function.__module__, function.__qualname__, path)
    elif not by_value and _cloud_if_there() is None:
        raise NotSendable(
            f"task '{task.name}' cannot run in another process: no module has it as '{function.__qualname__}'",
            where=f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}",
            fix="define it at the top level of a file, or: pip install 'turnout[cloudpickle]'",
        )
    return ("value", _function_bytes(task, module))


def _function_bytes(task: Task[Any, Any], module: ModuleType | None) -> bytes:
    cloud: Any = _cloud()
    own = module is not None and module.__name__ != "__main__" and not _spec_name(module)
    if own:  # a flow file that only this process knows by this name
        cloud.register_pickle_by_value(module)
    try:
        return cloud.dumps(task.fn)  # type: ignore[no-any-return]
    except Exception as error:
        raise NotSendable(
            f"task '{task.name}' cannot go to another process: {_why(error)}",
            fix="let it use names at the top level of an importable file, not values of the function around it",
        ) from None
    finally:
        if own:
            cloud.unregister_pickle_by_value(module)


def _is_found(module: ModuleType | None, function: FunctionType) -> bool:
    """Whether the module has the function, or its task, under its own name."""
    owner: Any = module
    for part in function.__qualname__.split("."):
        owner = getattr(owner, part, None)
    return owner is function or getattr(owner, "fn", None) is function


def _spec_name(module: ModuleType | None) -> str | None:
    """The name by which any process may import the module, if there is one."""
    spec = getattr(module, "__spec__", None)
    name = getattr(spec, "name", None)
    return None if name is None or name.startswith("turnout_flow_") else name


def _why(error: BaseException) -> str:
    said = str(error).split("\n", 1)[0]
    return said or type(error).__name__


def _cloud() -> Any:
    found = _cloud_if_there()
    if found is None:
        raise NotSendable("it needs the package cloudpickle", fix="pip install 'turnout[cloudpickle]'")
    return found


def _cloud_if_there() -> Any:
    try:
        import cloudpickle
    except ImportError:
        return None
    return cloudpickle


loads: Callable[[bytes | bytearray | memoryview], Any] = pickle.loads
_interactive: bool | None = None
_references: WeakKeyDictionary[Any, tuple[bool, Reference]] = WeakKeyDictionary()
