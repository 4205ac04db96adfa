"""Where submitted tasks run."""

from typing import TYPE_CHECKING

from turnout.engine.runners.port import TaskRunner
from turnout.engine.runners.thread_pool import ThreadPoolTaskRunner

if TYPE_CHECKING:
    from turnout.engine.runners.process_pool import ProcessPoolTaskRunner

# Under this name for people who come from Prefect.
ConcurrentTaskRunner = ThreadPoolTaskRunner

__all__ = ["ConcurrentTaskRunner", "ProcessPoolTaskRunner", "TaskRunner", "ThreadPoolTaskRunner"]


def __getattr__(name: str) -> object:
    if name == "ProcessPoolTaskRunner":  # on use: it brings `subprocess`
        from turnout.engine.runners.process_pool import ProcessPoolTaskRunner as Runner

        return Runner
    raise AttributeError(f"module 'turnout.task_runners' has no attribute '{name}'")
