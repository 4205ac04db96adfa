"""Guesses are slowed down: wrong credentials empty a bucket of their address and one of everybody; empty means 429.

In memory: a restart forgets. Only who is wrong often is refused. Tokens of token files need no look-up and are never
refused, nor are run tokens, which machines alone use: a stranger at the same address must not end their leases.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from turnout.core.errors import TurnoutError

ADDRESS_BURST, ADDRESS_PER_SECOND = 200.0, 1.0
GLOBAL_BURST, GLOBAL_PER_SECOND = 2000.0, 10.0
ADDRESSES = 10_000
"""So many addresses are remembered, those heard last."""


class TooManyGuesses(TurnoutError):
    """Too many wrong credentials came from an address, or from everywhere."""

    code = "too_many_guesses"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "too many wrong credentials", where="this address", fix=f"wait {seconds} s, then use the right one"
        )
        self.seconds = seconds


class Guesses:
    """Counts wrong credentials. now: seconds that only grow."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._everybody = _Bucket(GLOBAL_BURST, GLOBAL_PER_SECOND, now())
        self._addresses: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise TooManyGuesses if this address, or the world, was wrong too often to be heard."""
        now = self._now()
        known = self._addresses.get(address)
        wait = max(self._everybody.wait(now), known.wait(now) if known is not None else 0.0)
        if wait > 0:
            raise TooManyGuesses(int(wait) + 1)

    def wrong(self, address: str) -> None:
        """A credential from this address was wrong."""
        now = self._now()
        bucket = self._addresses.get(address)
        if bucket is None:
            bucket = self._addresses[address] = _Bucket(ADDRESS_BURST, ADDRESS_PER_SECOND, now)
        self._addresses.move_to_end(address)
        if len(self._addresses) > ADDRESSES:
            self._addresses.popitem(last=False)
        bucket.take(now)
        self._everybody.take(now)


class _Bucket:
    """Holds `burst` drops at most and gains some each second."""

    __slots__ = ("_burst", "_drops", "_per_second", "_since")

    def __init__(self, burst: float, per_second: float, now: float) -> None:
        self._burst = self._drops = burst
        self._per_second = per_second
        self._since = now

    def wait(self, now: float) -> float:
        """Seconds until there is a drop."""
        self._fill(now)
        return max(0.0, (1.0 - self._drops) / self._per_second)

    def take(self, now: float) -> None:
        """Lose a drop, if there is one."""
        self._fill(now)
        self._drops = max(0.0, self._drops - 1.0)

    def _fill(self, now: float) -> None:
        self._drops = min(self._burst, self._drops + (now - self._since) * self._per_second)
        self._since = now
