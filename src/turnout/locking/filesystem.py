"""Locks of processes that share a folder."""

from turnout.engine.locking import FileSystemLockManager

__all__ = ["FileSystemLockManager"]
