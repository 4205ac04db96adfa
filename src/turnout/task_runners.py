"""Where submitted tasks run."""

from turnout.engine.runners.thread_pool import ThreadPoolTaskRunner

# Under this name for people who come from Prefect.
ConcurrentTaskRunner = ThreadPoolTaskRunner

__all__ = ["ConcurrentTaskRunner", "ThreadPoolTaskRunner"]
