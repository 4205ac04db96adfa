"""Noticing that a file of the project was saved."""

import os
from pathlib import Path

from turnout.deploy import git

Seen = dict[str, tuple[int, int]]


class Watch:
    """The files that would be deployed, by time and size: what git tracks, or all that it does not ignore while there
    is no commit. What runs write beside them must not count."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen = self._look()

    def changed(self) -> bool:
        """Whether anything was saved, added or removed since the last call."""
        before, self._seen = self._seen, self._look()
        return self._seen != before

    def _look(self) -> Seen:
        seen: Seen = {}
        paths = {entry.path for entry in git.tracked(self._root)}
        if git.head(self._root) is None:
            paths |= set(git.untracked(self._root))
        for path in paths:
            try:
                status = os.stat(self._root / path)
            except OSError:
                continue
            seen[path] = (status.st_mtime_ns, status.st_size)
        return seen
