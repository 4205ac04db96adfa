"""Tasks, and how they are retried."""

from turnout.engine.retries import exponential_backoff
from turnout.engine.task import Task, task

__all__ = ["Task", "exponential_backoff", "task"]
