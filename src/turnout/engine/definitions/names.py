"""Run names from templates: `"load-{table}"` or a function, which may ask `turnout.runtime` and `get_run_context`."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.flow import Flow


def run_name(
    template: str | Callable[..., str], parameters: Mapping[str, Any], owner: str, scope: Scope | None = None
) -> str:
    """The name that `template` makes for a run with `parameters`. Raises ConfigurationError naming what is wrong.

    A function is called inside `scope`; one that has a parameter called `parameters` is given them.
    """
    if callable(template):
        return str(_called_in(scope, template, parameters))
    try:
        return template.format(**parameters)
    except (KeyError, IndexError, AttributeError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"the run name template {template!r} of '{owner}' does not fit its parameters: {error!r}",
            fix=f"use {{name}} with one of: {', '.join(parameters) or 'no parameters'}",
        ) from error


def flow_run_name(flow: Flow[Any, Any], parameters: Mapping[str, Any], run_id: str) -> str:
    """The name of a root run that is about to begin, of a flow that has a template."""
    from turnout.engine.context.scopes import FlowScope, Root
    from turnout.engine.journal.spool import NullJournal

    scope = FlowScope(Root(journal=NullJournal(), run_id=run_id, recorded=False), None, 0, "", flow.name)
    scope.definition = flow
    scope.parameters = dict(parameters)
    template: Any = flow.flow_run_name
    return run_name(template, parameters, flow.name, scope)


def _called_in(scope: Scope | None, function: Callable[..., str], parameters: Mapping[str, Any]) -> str:
    from turnout.engine.context.scopes import current

    code = getattr(function, "__code__", None)
    wants = code is not None and "parameters" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    given = {"parameters": dict(parameters)} if wants else {}
    if scope is None:
        return function(**given)
    token = current.set(scope)
    try:
        return function(**given)
    finally:
        current.reset(token)
