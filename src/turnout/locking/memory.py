"""Locks of one process."""

from turnout.engine.results.locking import MemoryLockManager

__all__ = ["MemoryLockManager"]
