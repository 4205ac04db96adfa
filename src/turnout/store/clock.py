"""The system's clock and ids made with it: the adapters behind `core.ports.Clock` and `Tx.new_id`."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from turnout.core.ids import make_id
from turnout.store.times import to_micros

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock
    from turnout.core.records import Uptime

_COUNTER_LIMIT = 1 << 12


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()


def system_uptime() -> "Uptime | None":
    """Seconds since this machine started, by a clock that nobody sets; None where the machine does not say which
    start that was."""
    from turnout.core.records import Uptime  # its dataclasses cost a script milliseconds, and only servers ask

    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return Uptime(boot=file.read().strip(), seconds=time.monotonic())
    except OSError:
        return None


class IdMaker:
    """UUIDv7 ids that ascend in the order in which they were made, also within one millisecond.

    Used by the one writer alone, so it needs no lock.
    """

    def __init__(self, clock: "Clock", randomness: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._randomness = randomness
        self._last = (0, 0)

    def __call__(self) -> str:
        """The next id."""
        millisecond = to_micros(self._clock.now()) // 1000
        last, counter = self._last
        if millisecond > last:
            self._last = (millisecond, 0)
        elif counter + 1 < _COUNTER_LIMIT:
            self._last = (last, counter + 1)
        else:
            self._last = (last + 1, 0)
        millisecond, counter = self._last
        tail = counter << 68 | int.from_bytes(self._randomness(8), "big")
        return make_id(millisecond, tail.to_bytes(10, "big"))
