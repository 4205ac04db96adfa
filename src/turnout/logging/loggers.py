"""The same loggers, at the path where people who come from Prefect look for them."""

from turnout.engine.logs.loggers import LogEavesdropper, disable_logger, disable_run_logger, get_logger
from turnout.engine.logs.run_logger import get_run_logger

__all__ = ["LogEavesdropper", "disable_logger", "disable_run_logger", "get_logger", "get_run_logger"]
