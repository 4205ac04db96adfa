"""Telling that something happened: `emit_event`."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError
from turnout.engine import connect
from turnout.engine.clock import new_run_id, now
from turnout.engine.control_plane.asking import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any


class Event:
    """Something that happened: event (its name), resource (labels of what it is about), occurred, related, payload, id,
    follows (the id of the event before)."""

    def __init__(
        self,
        event: str,
        resource: Mapping[str, str],
        occurred: datetime | None = None,
        related: Sequence[Mapping[str, str]] | None = None,
        payload: Mapping[str, Any] | None = None,
        id: Any = None,
        follows: Any = None,
    ) -> None:
        from datetime import UTC
        from datetime import datetime as moment

        self.event = event
        self.resource = dict(resource)
        self.occurred = occurred or moment.fromtimestamp(now(), UTC)
        if self.occurred.tzinfo is None:
            self.occurred = self.occurred.astimezone()
        self.related = [dict(each) for each in related or ()]
        self.payload = dict(payload or {})
        self.id = str(id).replace("-", "") if id is not None else new_run_id()
        self.follows = str(getattr(follows, "id", follows)).replace("-", "") if follows is not None else None

    def emit(self) -> Event:
        """Tell it; telling it again changes nothing."""
        _tell(self)
        return self

    def __repr__(self) -> str:
        return f"<event {self.event!r} {self.id}>"


def emit_event(
    event: str,
    resource: Mapping[str, str],
    occurred: datetime | None = None,
    related: Sequence[Mapping[str, str]] | None = None,
    payload: Mapping[str, Any] | None = None,
    id: Any = None,
    follows: Event | None = None,
    **kwargs: Any,
) -> Event | None:
    """Tell the control plane that something happened; returns once it is stored. None where nobody could be told: in
    the test harness, and in code that belongs to no project.

    resource: labels, one of them its id, as in {"turnout.resource.id": "van.list.5"}. Raises ParameterError, TooLarge.
    """
    made = Event(event, resource, occurred, related, payload, id, follows)
    if connect.make_root is not None and connect.make_api is None:
        return None
    try:
        return made.emit()
    except ConfigurationError:
        return None


def _tell(event: Event) -> None:
    from turnout.core.records import EmittedEvent

    told = EmittedEvent(
        id=event.id,
        event=event.event,
        resource=event.resource,
        occurred=event.occurred,
        related=tuple(event.related),
        payload=event.payload,
        follows=event.follows,
    )
    ask(lambda api: api.emit(told))
