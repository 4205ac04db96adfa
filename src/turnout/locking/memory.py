"""Locks of one process."""

from turnout.engine.locking import MemoryLockManager

__all__ = ["MemoryLockManager"]
