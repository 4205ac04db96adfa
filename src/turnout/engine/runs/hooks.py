"""Calling the hooks of a flow or task: in its run, each named in its log, none able to change how the run ended."""

from __future__ import annotations

from turnout.engine.context.scopes import current
from turnout.engine.runs.failures import note, report
from turnout.engine.runs.instructions import Call
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.states.state import State


def run_hooks(scope: Scope, hooks: Iterable[Callable[..., Any]], state: State, view: Any) -> Generator[Any, Any, None]:
    """Call each with (definition, run, state). What one raises is logged, SystemExit included."""
    definition = scope.definition
    token = current.set(scope)
    try:
        for hook in hooks:
            name = getattr(hook, "__name__", None) or repr(hook)
            note(scope, f"hook '{name}' of {definition.kind} '{definition.name}': the run is {state.name}")
            try:
                answer = yield Call(hook, (definition, view, state), {}, is_async(hook))
                if hasattr(answer, "cr_await"):  # of a partial, or of an object that is called
                    yield Call(_awaited, (answer,), {}, True)
            except (Exception, SystemExit, Interrupt) as error:  # an Interrupt: it called a task of a stopping run
                report(scope, f"the hook '{name}' of {definition.kind} '{definition.name}' failed", error)
    finally:
        current.reset(token)


def is_async(function: Any) -> bool:
    """Whether it is an `async def`."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & 0x80)


async def _awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return await coroutine
