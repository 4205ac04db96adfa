"""What a lock manager is."""

from turnout.engine.results.locking import LockManager

__all__ = ["LockManager"]
