"""Events of committed transitions become wake-ups.

A commit sends its hints at once; this sends them again from the outbox, so that a waiter whose first hint was lost (or
came from another process) waits no longer than `pause`. Automations and notifications will read the same events.
"""

from datetime import datetime, timedelta

from turnout.core.ports import Hints, Store
from turnout.core.states import is_final

BATCH = 1000
"""How many events are read in one go."""


class OutboxRelay:
    """A service that follows the outbox from where it was when the relay was first called."""

    name = "outbox"

    def __init__(self, hints: Hints, pause: timedelta = timedelta(seconds=2)) -> None:
        self.pause = pause
        self._hints = hints
        self._seq: int | None = None

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Send the hints of new events."""
        seq = self._seq
        if seq is None:
            self._seq = store.read(lambda tx: tx.outbox.last())
            return None
        events = store.read(lambda tx: tx.outbox.after(seq, BATCH))
        for event in events:
            self._hints.notify(f"run:{event['run_id']}")
            if is_final(event.get("state", "")):
                self._hints.notify(f"log:{event['run_id']}")
            self._seq = event["seq"]
        return now if len(events) == BATCH else None
