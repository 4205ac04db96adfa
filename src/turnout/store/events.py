"""What flows and others told that happened: implements `core.ports.Events`."""

from datetime import datetime

from turnout.core.records import EmittedEvent, Namespace
from turnout.store.inputs import LAST
from turnout.store.session import Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, to_micros


class Events:
    """See `core.ports.Events`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def add(self, namespace: Namespace, event: EmittedEvent) -> bool:
        """Take it in; False if its id is known."""
        content = {
            "resource": dict(event.resource),
            "related": [dict(each) for each in event.related],
            "payload": dict(event.payload),
            "follows": event.follows,
        }
        values = {
            **vars(namespace),
            "id": event.id,
            "name": event.event,
            "content": to_json(content),
            "run_id": event.run_id,
            "occurred_at": to_micros(event.occurred),
            "now": to_micros(self._now),
        }
        return self._session.changed("events/insert_event", values) > 0

    def after(self, namespace: Namespace, seq: int, prefix: str, limit: int) -> list[EmittedEvent]:
        """Those that came after `seq`, in order."""
        values = {**vars(namespace), "after": seq, "low": prefix, "high": prefix + LAST, "limit": limit}
        return [
            EmittedEvent(
                seq=number,
                id=event_id,
                event=name,
                run_id=run_id,
                occurred=from_micros(occurred_at),
                received=from_micros(received_at),
                **from_json(content),
            )
            for number, event_id, name, content, run_id, occurred_at, received_at in self._session.rows(
                "events/list_events", values
            )
        ]

    def remove_old(self, before: datetime, limit: int) -> int:
        """Remove the oldest that came before a time."""
        return self._session.changed("events/delete_old", {"before": to_micros(before), "limit": limit})
