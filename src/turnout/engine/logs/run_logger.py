"""`get_run_logger`, apart from `handlers` so that importing it does not import `logging`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any

    from turnout.engine.context.run_contexts import RunContext


def get_run_logger(context: RunContext | None = None, **kwargs: Any) -> logging.LoggerAdapter[Any]:
    """The logger of the current run, or of `context`; its lines are stored before the call returns.

    Outside a run, as in a test of the bare function, it is the standard library's logger `turnout`; under strict
    behaviour, MissingContext is raised. `kwargs` are `extra` facts of each record.
    """
    from turnout.engine.logs.handlers import run_logger

    return run_logger(context, kwargs)  # type: ignore[no-any-return]
