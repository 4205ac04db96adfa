"""How big the database is, by class of what it keeps, and how fast it grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from turnout.store.session import Session
from turnout.store.times import to_micros

RECENT = timedelta(days=7)
"""Growth is told by what was added since."""
TABLES: Mapping[str, tuple[str, ...]] = {
    "runs": (
        "flow_run",
        "flow_run_history",
        "run_tag",
        "run_token",
        "slot",
        "slot_waiter",
        "run_question",
        "run_input",
    ),
    "tasks": ("task_run", "journal_stream"),
    "logs": ("log_chunk",),
    "artifacts": ("artifact",),
    "events": ("outbox", "emitted_event"),
    "bundles": ("bundle",),
    "releases": ("release",),
    "idempotency": ("idempotency",),
}
"""Class -> the tables that hold it."""


@dataclass(frozen=True, kw_only=True)
class ClassSize:
    """rows and bytes (None: this SQLite cannot tell) of a class; rows_a_day: of the last week, None where unknown."""

    name: str
    rows: int
    bytes: int | None
    rows_a_day: float | None

    @property
    def bytes_a_day(self) -> float | None:
        """Growth, if new rows are as big as the old ones."""
        if not self.rows or self.bytes is None or self.rows_a_day is None:
            return None
        return self.bytes / self.rows * self.rows_a_day


class Sizes:
    """`tx.sizes`: reads only. `classes` reads whole indexes: seconds where there are a million runs."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def schema_version(self) -> int:
        """The number of the last migration."""
        row = self._session.row("sizes/get_schema", {})
        return int(row[0]) if row else 0

    def total_bytes(self) -> int:
        """The database's bytes."""
        return self._total()[0]

    def free_bytes(self) -> int:
        """Bytes of the file that hold nothing and will be used again; 0 on PostgreSQL, which keeps that to itself."""
        return self._total()[1]

    def classes(self) -> list[ClassSize]:
        """Every class of TABLES."""
        since = f"{to_micros(self._now - RECENT) // 1000:012x}"
        counted = {
            name: (rows, recent) for name, rows, recent in self._session.rows("sizes/count_rows", {"since": since})
        }
        events = self._session.row("sizes/count_events", {})
        counted["events"] = (events[0] if events else 0, None)
        sizes = self._bytes()
        return [self._class(name, *counted[name], sizes) for name in TABLES]

    def _class(self, name: str, rows: int, recent: int | None, sizes: Mapping[str, int] | None) -> ClassSize:
        known = name in ("runs", "tasks", "logs", "artifacts")
        return ClassSize(
            name=name,
            rows=rows,
            bytes=None if sizes is None else sum(sizes.get(table, 0) for table in TABLES[name]),
            rows_a_day=(recent or 0) / RECENT.days if known else None,
        )

    def _bytes(self) -> dict[str, int] | None:
        if self._session.dialect == "sqlite" and not self._session.rows("sizes/has_statistics", {}):
            return None
        return {table: int(size) for table, size in self._session.rows("sizes/list_bytes", {})}

    def _total(self) -> tuple[int, int]:
        row = self._session.row("sizes/get_total", {}) or (0, 0)
        return int(row[0]), int(row[1])
