"""Run names from templates: `"load-{table}"` or a function."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def run_name(template: str | Callable[[], str], parameters: Mapping[str, Any], owner: str) -> str:
    """The name that `template` makes for a run with `parameters`. Raises ConfigurationError naming what is wrong."""
    if callable(template):
        return str(template())
    try:
        return template.format(**parameters)
    except (KeyError, IndexError, AttributeError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"the run name template {template!r} of '{owner}' does not fit its parameters: {error!r}",
            fix=f"use {{name}} with one of: {', '.join(parameters) or 'no parameters'}",
        ) from error
