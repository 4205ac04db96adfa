"""A clock that jumps over the engine's waits, so that a test of a retry after an hour takes no hour."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from turnout.engine import clock as engine_clock
from turnout.engine.runs import drivers
from turnout.engine.runs.instructions import Sleep

_REAL = {"now": engine_clock.now, "monotonic": engine_clock.monotonic}


class FakeClock:
    """The time as the engine sees it: it goes on as the real one does, and jumps over every wait of the engine's own.

    start: the moment at which it begins; by default now. Waits are those between retries; `time.sleep` in a task's own
    code is not the engine's and sleeps. A task's `timeout_seconds` counts real seconds.
    """

    def __init__(self, start: datetime | None = None) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError(f"FakeClock(start={start!r}) has no time zone; give one, as in datetime(..., tzinfo=UTC)")
        self.waits: list[float] = []
        """Seconds of every wait that it jumped over, in the order in which they came."""
        self._ahead = 0.0 if start is None else start.timestamp() - _REAL["now"]()
        self._ahead_of_intervals = 0.0

    @property
    def now(self) -> datetime:
        """The moment it shows, in UTC."""
        return datetime.fromtimestamp(self._now(), UTC)

    def advance(self, seconds: float) -> None:
        """Jump ahead by `seconds`, zero or more."""
        if seconds < 0:
            raise ValueError(f"advance({seconds}): a clock does not go back")
        self._ahead += seconds
        self._ahead_of_intervals += seconds

    @contextmanager
    def installed(self) -> Iterator["FakeClock"]:
        """Let the engine use this clock meanwhile."""
        global _current
        before, before_skip = _current, drivers.skip
        _current, drivers.skip = self, self._skip
        _bind({"now": _now, "monotonic": _monotonic})
        try:
            yield self
        finally:
            _current, drivers.skip = before, before_skip
            if before is None:
                _bind(_REAL)

    def _skip(self, step: Sleep) -> bool:
        if step.unless.done():
            return True
        self.waits.append(step.seconds)
        self.advance(step.seconds)
        return False

    def _now(self) -> float:
        return _REAL["now"]() + self._ahead

    def _monotonic(self) -> float:
        return _REAL["monotonic"]() + self._ahead_of_intervals


def _now() -> float:
    return _REAL["now"]() if _current is None else _current._now()


def _monotonic() -> float:
    return _REAL["monotonic"]() if _current is None else _current._monotonic()


def _bind(functions: Mapping[str, Callable[[], float]]) -> None:
    """Let every loaded module of the engine call these; the engine takes them by name, to be fast."""
    known = (*_REAL.values(), _now, _monotonic)
    for module in [module for name, module in sys.modules.items() if name.startswith("turnout.engine.")]:
        for name, function in functions.items():
            if getattr(module, name, None) in known:
                setattr(module, name, function)


_current: FakeClock | None = None
