"""Values that are set at run time, and events that are told, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.simulation.model_data import Data
from turnout.core.records import EmittedEvent, Namespace, StoredValue
from turnout.core.values import replace


class Values:
    """See `core.ports.Values`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def get(self, namespace: Namespace, kind: str, name: str) -> StoredValue | None:
        return self._data.values.get((namespace.project, namespace.environment, kind, name))

    def all(self, namespace: Namespace, kind: str) -> list[StoredValue]:
        wanted = (namespace.project, namespace.environment, kind)
        return [value for key, value in sorted(self._data.values.items()) if key[:3] == wanted]

    def put(
        self, namespace: Namespace, kind: str, name: str, content: Any, tags: Sequence[str], by: str
    ) -> StoredValue:
        value = StoredValue(
            kind=kind, name=name, content=content, tags=tuple(tags), changed_at=self._now, changed_by=by
        )
        self._data.put(self._data.values, (namespace.project, namespace.environment, kind, name), value)
        return value

    def remove(self, namespace: Namespace, kind: str, name: str) -> bool:
        key = (namespace.project, namespace.environment, kind, name)
        known = key in self._data.values
        self._data.drop(self._data.values, key)
        return known

    def rename(self, namespace: Namespace, kind: str, name: str, new: str) -> None:
        value = self.get(namespace, kind, name)
        self.remove(namespace, kind, new)
        if value is not None:
            self.remove(namespace, kind, name)
            key = (namespace.project, namespace.environment, kind, new)
            self._data.put(self._data.values, key, replace(value, name=new))


class Events:
    """See `core.ports.Events`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def add(self, namespace: Namespace, event: EmittedEvent) -> bool:
        if event.id in self._data.events:
            return False
        told = replace(event, seq=len(self._data.events) + 1, received=self._now)
        self._data.put(self._data.events, event.id, (namespace, told))
        return True

    def after(self, namespace: Namespace, seq: int, prefix: str, limit: int) -> list[EmittedEvent]:
        found = [
            event
            for space, event in self._data.events.values()
            if space == namespace and event.seq > seq and event.event.startswith(prefix)
        ]
        return sorted(found, key=lambda event: event.seq)[:limit]
