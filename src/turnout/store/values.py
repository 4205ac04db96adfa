"""Values that are set while things run: implements `core.ports.Values`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from turnout.core.records import OVERRIDE, Namespace, StoredValue
from turnout.store.session import Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, to_micros


class Values:
    """See `core.ports.Values`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def get(self, namespace: Namespace, kind: str, name: str) -> StoredValue | None:
        """One of them."""
        row = self._session.row("values/get_value", {**vars(namespace), "kind": kind, "name": name})
        return None if row is None else _value(kind, name, *row)

    def all(self, namespace: Namespace, kind: str) -> list[StoredValue]:
        """Those of a kind, by name."""

        def ask() -> list[StoredValue]:
            rows = self._session.rows("values/list_values", {**vars(namespace), "kind": kind})
            return [_value(kind, *row) for row in rows]

        # Every run that is made asks for overrides.
        return self._session.kept.get(("overrides", namespace), ask) if kind == OVERRIDE else ask()

    def put(
        self, namespace: Namespace, kind: str, name: str, content: Any, tags: Sequence[str], by: str
    ) -> StoredValue:
        """Set it."""
        values = {
            **vars(namespace),
            "kind": kind,
            "name": name,
            "content": to_json(content),
            "tags": to_json(list(tags)),
            "now": to_micros(self._now),
            "by": by,
        }
        self._write(kind)("values/put_value", values)
        return StoredValue(kind=kind, name=name, content=content, tags=tuple(tags), changed_at=self._now, changed_by=by)

    def remove(self, namespace: Namespace, kind: str, name: str) -> bool:
        """Forget it; False if there was none."""
        return self._write(kind)("values/delete_value", {**vars(namespace), "kind": kind, "name": name}) > 0

    def rename(self, namespace: Namespace, kind: str, name: str, new: str) -> None:
        """Call it `new`, in place of what was."""
        self.remove(namespace, kind, new)
        self._write(kind)("values/rename_value", {**vars(namespace), "kind": kind, "name": name, "new": new})

    def _write(self, kind: str) -> Callable[[str, Mapping[str, Any]], int]:
        return self._session.declare if kind == OVERRIDE else self._session.changed


def _value(kind: str, name: str, content: str, tags: str, changed_at: int, changed_by: str) -> StoredValue:
    return StoredValue(
        kind=kind,
        name=name,
        content=from_json(content),
        tags=tuple(from_json(tags)),
        changed_at=from_micros(changed_at),
        changed_by=changed_by,
    )
