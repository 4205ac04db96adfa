"""Tasks, and how they are retried."""

from turnout.engine.runs.retries import exponential_backoff
from turnout.engine.task import Task, task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.reuse.cache_policies import task_input_hash

__all__ = ["Task", "exponential_backoff", "task", "task_input_hash"]


def __getattr__(name: str) -> object:
    if name == "task_input_hash":
        from turnout.engine.reuse.cache_policies import task_input_hash

        return task_input_hash
    raise AttributeError(f"module 'turnout.tasks' has no attribute '{name}'")
