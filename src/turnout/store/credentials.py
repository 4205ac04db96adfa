"""Hashed tokens and sessions: implements `core.ports.Credentials`."""

from datetime import datetime

from turnout.store.session import Session
from turnout.store.times import optional_micros, to_micros


class Credentials:
    """See `core.ports.Credentials`. What has expired is unknown at once, and deleted with the next `put`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = to_micros(now)

    def put(self, token_hash: str, kind: str, name: str, scope: str | None, expires_at: datetime | None) -> None:
        """Add a credential, or renew it."""
        self._session.execute("credentials/delete_expired", {"now": self._now})
        values = {
            "token_hash": token_hash,
            "kind": kind,
            "name": name,
            "scope": scope,
            "now": self._now,
            "expires_at": optional_micros(expires_at),
        }
        self._session.execute("credentials/put_credential", values)

    def issue(
        self, folder: str, file: str, token_hash: str, kind: str, name: str, scope: str | None, expires_at: datetime
    ) -> None:
        """`put` the token that a data folder's file holds; what it held before is unknown from now on."""
        before = self._session.row("credentials/get_issued", {"folder": folder, "file": file})
        if before is not None and before[0] != token_hash:
            self.remove(before[0])
        self._session.execute("credentials/put_issued", {"folder": folder, "file": file, "token_hash": token_hash})
        self.put(token_hash, kind, name, scope, expires_at)

    def get(self, token_hash: str) -> tuple[str, str, str | None] | None:
        """(kind, name, scope) of an unexpired credential."""
        row = self._session.row("credentials/get_credential", {"token_hash": token_hash, "now": self._now})
        return None if row is None else (row[0], row[1], row[2])

    def take(self, token_hash: str) -> tuple[str, str, str | None] | None:
        """`get`, and the credential is gone."""
        found = self.get(token_hash)
        self.remove(token_hash)
        return found

    def remove(self, token_hash: str) -> None:
        """Forget a credential."""
        self._session.execute("credentials/delete_credential", {"token_hash": token_hash})
