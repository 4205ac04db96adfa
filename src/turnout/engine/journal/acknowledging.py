"""Steps that are acknowledged: what is recorded of one cannot be lost before the next one begins.

`local`: the spool is on disk (it survives a killed process and a power loss, not the loss of the machine). `server`:
the store has committed it. Threads that end steps at the same moment share one flush.
"""

from __future__ import annotations

from _thread import allocate_lock

from turnout.core.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from turnout.engine.context.scopes import Root
    from turnout.engine.flow import Flow

LEVELS = ("local", "server")
LIVE = "turnout.local.ingest:LiveSpool"
"""(data folder, spool) -> what stores a script's journal while it grows, for `server`."""


class Acknowledger:
    """Called after a step was recorded; returns once everything written before the call is safe.

    flush: makes it safe. It runs in one thread at a time; who came while it ran, shares the next run of it.
    """

    def __init__(self, flush: Callable[[], None], close: Callable[[], None] = lambda: None) -> None:
        self.close = close
        self._flush = flush
        self._one = allocate_lock()
        self._begun = 0
        self._ended = 0

    def __call__(self) -> None:
        mine = self._begun
        with self._one:
            if self._ended > mine:  # one that began after this caller had written has ended
                return
            self._begun = number = self._begun + 1
            self._flush()
            self._ended = number


def check_level(level: str | None) -> str | None:
    """`level`, if it is one or None. Raises ConfigurationError."""
    if level is None or level in LEVELS:
        return level
    raise ConfigurationError(f"acknowledge is {level!r}", fix='give "local" or "server", or leave it out')


def prepare(flow: Flow[..., object], root: Root) -> Acknowledger | None:
    """What acknowledges the steps of a run at its flow's level; None for a run that is recorded nowhere.

    Raises ConfigurationError, StoreError where that level cannot be had.
    """
    from turnout.engine.journal.spool import SpoolJournal

    journal = root.journal
    if not isinstance(journal, SpoolJournal):
        return None
    if flow.acknowledge == "local":
        journal.make_durable()
        return Acknowledger(journal.sync)
    if root.control is not None or root.data_dir is None:
        raise ConfigurationError(
            f"flow '{flow.name}': acknowledge=\"server\" is for scripts in this version",
            fix='use acknowledge="local": a worker ships what is on its disk, also after a crash',
        )
    from turnout.engine.definitions.load import resolve

    live = resolve(LIVE)(root.data_dir, journal.path)
    return Acknowledger(live.store_new, live.close)
