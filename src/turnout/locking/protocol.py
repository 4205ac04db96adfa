"""What a lock manager is."""

from turnout.engine.locking import LockManager

__all__ = ["LockManager"]
