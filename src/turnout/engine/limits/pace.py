"""How fast a limit lets calls through: its declared rate, and a slower one while the called API says that it is too
much. Decides; neither waits nor reads a clock.

A rate is kept evenly, without a burst (see `core.rates`). Refusals (429, 503 with Retry-After) halve the rate, once for
all calls that were under way; successes raise it by a fiftieth of what it was (additive increase, multiplicative
decrease), up to the declared rate. Without a declared one it is taken to be what was let through in the last second,
and goes again when twice that is reached.
"""

from __future__ import annotations

from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

SLOWEST_SECONDS = 60.0
"""However often it is refused, a limit lets one call through in that time."""
LONGEST_PAUSE_SECONDS = 3600.0
"""A longer Retry-After counts as that long."""
STEP = 0.02
"""So much of the rate before the last cut every success adds."""


class Pace:
    """Moments are monotonic seconds. interval: between two calls, as declared; 0 for no rate. gap: the same as it is
    now. next_at: the next call not before. cut_at, before: when the rate was last cut, and what it was."""

    __slots__ = ("before", "count", "cut_at", "gap", "interval", "last", "next_at", "seen_at", "set_at")
    _kept = ("gap", "next_at", "cut_at", "before", "seen_at", "count", "last")

    def __init__(self, interval: float = 0.0) -> None:
        self.interval = interval
        self.gap = interval
        self.next_at = self.cut_at = self.before = 0.0
        self.seen_at = self.count = self.last = self.set_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next call may begin; 0 or less for at once."""
        if now < self.set_at - 1.0:  # a clock of a test, which had jumped ahead, is over
            self.next_at = self.cut_at = self.seen_at = self.set_at = 0.0
        return self.next_at - now

    def take_if_free(self, now: float, turns: int = 1) -> float:
        """Like `take`, unless there is a while to wait: how long."""
        delay = self.wait(now)
        if delay <= 0:
            self.take(now, turns)
        return delay

    def take(self, now: float, turns: int = 1) -> None:
        """A call begins, or `turns` of them."""
        self.set_at = now
        if self.gap:
            self.next_at = max(now, self.next_at) + self.gap * turns
        if now - self.seen_at >= 1.0:
            self.last = self.count if now - self.seen_at < 2.0 else 0.0
            self.seen_at, self.count = now, 0.0
        self.count += turns

    def refuse(self, now: float, began: float, seconds: float) -> float:
        """A call that began then was refused, with the request to wait `seconds`; the new gap."""
        self.set_at = now
        self.next_at = max(self.next_at, now + min(seconds, LONGEST_PAUSE_SECONDS))
        if began < self.cut_at:
            return self.gap  # one of those that were under way when it was cut
        rate = 1.0 / self.gap if self.gap else max(self.count, self.last, 1.0)
        self.cut_at, self.before = now, rate
        self.gap = min(2.0 / rate, max(SLOWEST_SECONDS, self.interval))
        return self.gap

    def accept(self, began: float) -> None:
        """A call that began then went well."""
        if self.gap <= self.interval or began < self.cut_at:
            return
        rate = 1.0 / self.gap + STEP * self.before
        if self.interval:
            self.gap = max(1.0 / rate, self.interval)
        else:
            self.gap = 1.0 / rate if rate < 2 * self.before else 0.0

    def slowed(self) -> bool:
        """Whether it is slower than declared."""
        return self.gap > self.interval

    def dump(self) -> str:
        """What other processes have to know."""
        return " ".join(f"{getattr(self, name):.6f}" for name in self._kept)

    def load(self, text: str, now: float) -> None:
        """Take over what `dump` wrote; nothing of a machine that was started anew since, whose clock began again."""
        try:
            values = [float(word) for word in text.split()]
        except ValueError:
            return
        if len(values) != len(self._kept) or values[4] > now + 1.0 or values[2] > now + 1.0:
            return
        for name, value in zip(self._kept, values, strict=True):
            setattr(self, name, value)
        if self.gap < self.interval or not self.cut_at:
            self.gap = self.interval


class OwnPace:
    """The pace of one process."""

    def __init__(self, interval: float) -> None:
        self._pace = Pace(interval)
        self._lock = allocate_lock()

    def update(self, change: Callable[[Pace], T]) -> T:
        """What `change` answers, which has the pace for itself."""
        with self._lock:
            return change(self._pace)
