"""What has been kept long enough is removed: a portion at a time, so that nobody else waits for long.

Every portion is a transaction of its own that looks again at what it removes; after a kill the next one goes on.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from turnout.core.ports import Store, Tx
from turnout.core.retention import Keep

logger = logging.getLogger("turnout.services")
RUNS, ROWS, RELEASES = 100, 1000, 20
"""How many of each are removed in one go: about 20 ms of the writer's time."""
BREATH = timedelta(milliseconds=50)
"""Between two portions."""
REFUSED = ".refused"
Portion = Callable[[Tx], int]


class Pruner:
    """A service that removes what `keep` says, one portion a tick, then rests for `pause`."""

    name = "pruner"

    def __init__(self, keep: Keep, folder: Path | None = None, pause: timedelta = timedelta(minutes=10)) -> None:
        self.pause = pause
        self._keep = keep
        self._folder = folder
        self._pass: Iterator[tuple[str, Portion]] = iter(())
        self._current: tuple[str, Portion] | None = None
        self._removed: dict[str, int] = {}

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Remove a portion; again soon while there is more."""
        if self._current is None:
            self._start(now)
        if self._current is None:
            return None
        what, portion = self._current
        removed = store.write(portion)
        if removed:
            self._removed[what] = self._removed.get(what, 0) + removed
            return now + BREATH
        self._current = next(self._pass, None)
        if self._current is not None:
            return now + BREATH
        self._finish()
        return None

    def _start(self, now: datetime) -> None:
        if self._folder is not None and self._keep.refused_journals is not None:
            remove_refused(self._folder, now - self._keep.refused_journals)
        self._pass = iter(list(portions(self._keep, now)))
        self._current = next(self._pass, None)

    def _finish(self) -> None:
        if self._removed:
            told = ", ".join(f"{count} {what}" for what, count in self._removed.items())
            logger.info("retention removed %s", told)
            self._removed = {}


def portions(keep: Keep, now: datetime) -> Iterator[tuple[str, Portion]]:
    """What is to be removed, in order: each is called until it removes nothing."""
    # First what an earlier pass, or one that was killed, left behind.
    yield "rows of removed runs", lambda tx: tx.retention.remove_remains(ROWS)
    if (days := keep.runs) is not None:
        yield "rows of old runs", lambda tx, at=now - days: _remove_runs(tx, at)  # type: ignore[misc]
    if (days := keep.logs) is not None:
        yield "pieces of logs", lambda tx, at=now - days: tx.retention.remove_logs(at, ROWS)  # type: ignore[misc]
    if (days := keep.artifacts) is not None:
        yield "artifacts", lambda tx, at=now - days: tx.retention.remove_artifacts(at, ROWS)  # type: ignore[misc]
    if (days := keep.events) is not None:
        yield "events", lambda tx, at=now - days: tx.retention.remove_events(at, ROWS)  # type: ignore[misc]
        yield "told events", lambda tx, at=now - days: tx.retention.remove_emitted(at, ROWS)  # type: ignore[misc]
    if (days := keep.releases) is not None:
        yield "releases", lambda tx, at=now - days: tx.retention.remove_releases(at, RELEASES)  # type: ignore[misc]
    yield "expired keys", lambda tx: tx.retention.remove_expired()


def remove_refused(folder: Path, before: datetime) -> int:
    """Delete journals that could not be stored and were set aside before a time; how many."""
    removed = 0
    for path in (*folder.glob(f"*{REFUSED}"), *folder.glob("refused/*")):
        try:
            if path.stat().st_mtime < before.timestamp():
                os.unlink(path)
                removed += 1
        except OSError as error:
            logger.warning("the journal %s cannot be deleted: %s", path, error)
    return removed


def _remove_runs(tx: Tx, ended_before: datetime) -> int:
    """What is left of the runs before goes first, so that there are never many in between."""
    return tx.retention.remove_remains(ROWS) or tx.retention.remove_runs(ended_before, RUNS)
