"""`get_run_logger`, apart from `logs` so that importing it does not import `logging`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any


def get_run_logger() -> logging.LoggerAdapter[Any]:
    """The logger of the current run; its lines are stored before the call returns.

    Outside a run, as in a test of the bare function, it is the standard library's logger `turnout`.
    """
    from turnout.engine.logs import run_logger

    return run_logger()  # type: ignore[no-any-return]
