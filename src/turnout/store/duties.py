"""When the servers' duties were last done: implements `core.ports.Duties`."""

from datetime import datetime

from turnout.store.session import Session
from turnout.store.times import from_micros, to_micros


class Duties:
    """See `core.ports.Duties`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def last(self, name: str) -> datetime | None:
        """When some server last did it."""
        row = self._session.row("duties/get_last", {"name": name})
        return None if row is None else from_micros(row[0])

    def done(self, name: str) -> None:
        """This server does it now."""
        self._session.execute("duties/put_done", {"name": name, "now": to_micros(self._now)})
