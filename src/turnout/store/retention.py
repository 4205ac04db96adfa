"""Removing what has been kept long enough, a portion at a time: implements `core.ports.Retention`."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from turnout.core.retention import LAST_RELEASES, SETTLING
from turnout.store.session import Session
from turnout.store.text import to_json
from turnout.store.times import to_micros

EVENTS_MARK = "events_pruned_at"
CLOCKS = timedelta(days=1)
"""How far clocks may have been apart when a release is asked whether runs were made of it."""


class Retention:
    """See `core.ports.Retention`. A run's id begins with the time at which it was made, which bounds every search."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def remove_runs(self, ended_before: datetime, limit: int) -> int:
        """Remove up to `limit` runs; what they hold follows by `remove_remains`."""
        noted = self._session.changed("retention/insert_pruned", {**_bounds(ended_before), "limit": limit})
        if noted:
            self._session.execute("retention/delete_pruned_runs", {})
        return noted

    def remove_chosen(self, ids: Sequence[str]) -> frozenset[str]:
        """Remove those of the runs that may be; what they hold follows by `remove_remains`. Which were removed."""
        settled = to_micros(self._now - SETTLING)
        rows = self._session.rows("retention/list_removable", {"ids": to_json(list(ids)), "settled": settled})
        removable = [str(row[0]) for row in rows]
        if removable:
            self._session.execute("retention/insert_removed", {"ids": to_json(removable)})
            self._session.execute("retention/delete_pruned_runs", {})
        return frozenset(removable)

    def remove_remains(self, limit: int) -> int:
        """Remove up to `limit` rows of each kind that removed runs left; the rows removed."""
        if self._session.row("retention/has_pruned", {}) is None:
            return 0
        kinds = ("retention/delete_pruned_tasks", "retention/delete_pruned_logs", "retention/delete_pruned_artifacts")
        removed = sum(self._session.changed(kind, {"limit": limit}) for kind in kinds)
        removed += self._session.changed("retention/delete_pruned_streams", {})
        return removed + self._session.changed("retention/delete_done", {})

    def remove_logs(self, ended_before: datetime, limit: int) -> int:
        """Remove up to `limit` pieces of logs."""
        return self._session.changed("retention/delete_logs", {**_bounds(ended_before), "limit": limit})

    def remove_artifacts(self, ended_before: datetime, limit: int) -> int:
        """Remove up to `limit` artifacts."""
        return self._session.changed("retention/delete_artifacts", {**_bounds(ended_before), "limit": limit})

    def remove_emitted(self, before: datetime, limit: int) -> int:
        """Events that flows told."""
        return self._session.changed("events/delete_old", {"before": to_micros(before), "limit": limit})

    def remove_events(self, before: datetime, limit: int) -> int:
        """Remove up to `limit` of the oldest events, and remember up to when."""
        first = self._session.rows("retention/list_first_events", {"limit": limit})
        old = list(takewhile(lambda event: event[1] < to_micros(before), first))
        if old:
            self._session.execute("retention/delete_events", {"upto": old[-1][0]})
            newest = max(at for _, at in old)
            self._session.execute("retention/raise_mark", {"name": EVENTS_MARK, "value": newest})
        return len(old)

    def remove_releases(self, replaced_before: datetime, limit: int) -> int:
        """Remove up to `limit` releases that nothing refers to, and old bundles that no release has."""
        removed = 0
        for project, environment, number in self._unused(replaced_before):
            values = {"project": project, "environment": environment, "number": number}
            removed += self._session.changed("retention/delete_release", values)
            if removed >= limit:
                break
        return removed + self._session.changed("retention/delete_bundles", {"before": to_micros(replaced_before)})

    def remove_expired(self) -> int:
        """Forget idempotency keys and credentials whose time is over."""
        now = {"now": to_micros(self._now)}
        removed = self._session.changed("idempotency/delete_expired", now)
        return removed + self._session.changed("credentials/delete_expired", now)

    def _unused(self, replaced_before: datetime) -> Iterator[tuple[str, str, int]]:
        rows: list[tuple[Any, ...]] = self._session.rows("retention/list_releases", {})
        for project, environment, number, _, applied_at, replaced_at, age in rows:
            if age <= LAST_RELEASES or replaced_at is None or replaced_at >= to_micros(replaced_before):
                continue
            margin = CLOCKS // timedelta(microseconds=1)
            span = {"since": _id_at(applied_at - margin), "until": _id_at(replaced_at + margin)}
            values = {"project": project, "environment": environment, **span}
            if self._session.row("retention/has_runs", values) is None:
                yield project, environment, number


def _bounds(ended_before: datetime) -> dict[str, Any]:
    micros = to_micros(ended_before)
    return {"before": _id_at(micros), "ended_before": micros}


def _id_at(micros: int) -> str:
    """The lowest id that can be made at a time."""
    return f"{max(0, micros) // 1000:012x}"
