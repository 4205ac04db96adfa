"""When the servers' duties were last done: implements `core.ports.Duties`."""

from datetime import datetime

from turnout.core.records import Duty, Uptime
from turnout.store.session import Session
from turnout.store.times import from_micros, to_micros


class Duties:
    """See `core.ports.Duties`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def last(self, name: str) -> Duty | None:
        """When some server last did it."""
        row = self._session.row("duties/get_last", {"name": name})
        if row is None:
            return None
        done_at, boot, uptime = row
        return Duty(at=from_micros(done_at), uptime=None if boot is None else Uptime(boot=boot, seconds=uptime / 1e6))

    def done(self, name: str, uptime: Uptime | None = None) -> None:
        """This server does it now."""
        values = {
            "name": name,
            "now": to_micros(self._now),
            "boot": uptime and uptime.boot,
            "uptime": uptime and round(uptime.seconds * 1e6),
        }
        self._session.execute("duties/put_done", values)
