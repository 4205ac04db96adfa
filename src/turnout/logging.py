"""The run's logger."""

from turnout.engine.run_logger import get_run_logger

__all__ = ["get_run_logger"]
