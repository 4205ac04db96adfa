"""Locks of processes that share a folder."""

from turnout.engine.results.locking import FileSystemLockManager

__all__ = ["FileSystemLockManager"]
