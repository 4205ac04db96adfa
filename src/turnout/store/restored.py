"""What a database has to be told once it was restored: implements `tx.restored`."""

from datetime import datetime

from turnout.store.session import Session

EPOCH = "store_epoch"


class Restored:
    """Used by `turnout restore` alone."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session

    def epoch(self) -> int:
        """How often this database, or the ones before it, was restored."""
        row = self._session.row("runs/get_epoch", {})
        return int(row[0]) if row else 0

    def begin_epoch(self, number: int) -> None:
        """From now on new attempts are numbered so that none has a number that was given before."""
        self._session.execute("retention/raise_mark", {"name": EPOCH, "value": number})

    def active_runs(self) -> list[str]:
        """The runs that an executor held when the backup was taken."""
        return sorted(str(row[0]) for row in self._session.rows("backup/list_active", {}))

    def forget_credentials(self) -> None:
        """End every session."""
        self._session.execute("backup/delete_credentials", {})
