"""Code bundles by digest: implements `core.ports.Bundles`."""

from datetime import datetime

from turnout.store.session import Session
from turnout.store.times import to_micros


class Bundles:
    """See `core.ports.Bundles`. Who puts a bundle has checked its digest."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def has(self, digest: str) -> bool:
        """Whether the bundle is stored."""
        return self._session.row("bundles/has_bundle", {"digest": digest}) is not None

    def put(self, digest: str, content: bytes) -> None:
        """Keep a bundle; once is enough."""
        self._session.execute("bundles/put_bundle", {"digest": digest, "content": content, "now": to_micros(self._now)})

    def get(self, digest: str) -> bytes | None:
        """The archive, or None."""
        row = self._session.row("bundles/get_bundle", {"digest": digest})
        return None if row is None else bytes(row[0])
