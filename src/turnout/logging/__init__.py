"""Loggers."""

from turnout.engine.logs.run_logger import get_run_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.logs.loggers import LogEavesdropper, disable_run_logger, get_logger

__all__ = ["LogEavesdropper", "disable_run_logger", "get_logger", "get_run_logger"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(__import__("turnout.engine.logs.loggers", fromlist=[name]), name)
    raise AttributeError(f"module 'turnout.logging' has no attribute '{name}'")
