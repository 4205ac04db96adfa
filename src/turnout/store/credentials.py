"""Hashed tokens and sessions: implements `core.ports.Credentials`."""

from datetime import datetime
from typing import TYPE_CHECKING

from turnout.store.session import Session
from turnout.store.times import from_micros, optional_micros, optional_time, to_micros

if TYPE_CHECKING:
    from turnout.core.inventory import Credential


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

    def all(self, limit: int) -> "list[Credential]":
        """At most `limit` of those that have not expired, the newest first."""
        from turnout.core.inventory import CREDENTIAL_ID, Credential  # on use: scripts have no use for them

        rows = self._session.rows("credentials/list_credentials", {"now": self._now, "limit": limit})
        return [
            Credential(
                id=hashed[:CREDENTIAL_ID],
                kind=kind,
                name=name,
                scope=scope,
                created_at=from_micros(created_at),
                expires_at=optional_time(expires_at),
            )
            for hashed, kind, name, scope, created_at, expires_at in rows
        ]

    def revoke(self, credential_id: str) -> bool:
        """Forget the credential with this id; False if there is none."""
        return self._session.changed("credentials/revoke_credential", {"id": credential_id}) > 0

    def remove(self, token_hash: str) -> None:
        """Forget a credential."""
        self._session.execute("credentials/delete_credential", {"token_hash": token_hash})
