"""The database's clock, as several servers share it."""

from datetime import datetime, timedelta

from turnout.store.times import from_micros

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.ports import Clock


class DatabaseClock:
    """This computer's clock, set right by each transaction's look at the database's: a `core.ports.Clock`."""

    def __init__(self, own: "Clock") -> None:
        self.monotonic = own.monotonic
        self._own = own
        self._offset = timedelta()

    def told(self, micros: int) -> datetime:
        """The database's clock was read: its time."""
        now = from_micros(micros)
        self._offset = now - self._own.now()
        return now

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self._own.now() + self._offset


class Moment:
    """The clock of the transaction that is running: stands still at the time that it began."""

    def __init__(self, clock: "Clock") -> None:
        self.monotonic = clock.monotonic
        self._now = from_micros(0)

    def set(self, now: datetime) -> None:
        """A transaction begins."""
        self._now = now

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self._now
