"""Answers already given: implements `core.ports.Idempotency`."""

from datetime import datetime, timedelta

from turnout.store.session import Session
from turnout.store.times import to_micros

REMEMBERED = timedelta(hours=24)
"""How long an answer is repeated to a request with the same key."""


class Idempotency:
    """See `core.ports.Idempotency`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def get(self, principal: str, key: str) -> bytes | None:
        """The answer that this principal got for this key within the last day."""
        values = {"principal": principal, "key": key, "now": to_micros(self._now)}
        row = self._session.row("idempotency/get_answer", values)
        return None if row is None else bytes(row[0])

    def put(self, principal: str, key: str, answer: bytes) -> None:
        """Remember an answer for a day; one that is remembered already stays."""
        self._session.execute("idempotency/delete_expired", {"now": to_micros(self._now)})
        values = {
            "principal": principal,
            "key": key,
            "answer": answer,
            "expires_at": to_micros(self._now + REMEMBERED),
        }
        self._session.execute("idempotency/put_answer", values)
