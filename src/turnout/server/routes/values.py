"""Variables and blocks that are set at run time; events that flows tell."""

from typing import Any

from turnout.core.errors import ParameterError
from turnout.core.ports import Tx
from turnout.core.records import EmittedEvent, Namespace, StoredValue
from turnout.orchestration import values
from turnout.server.auth.scope import check_namespace
from turnout.server.bodies import EventBody, EventsQuery, MaybeValue, NamespaceQuery, ValueBody
from turnout.server.call import Call
from turnout.server.routing import FLOW, OPERATOR, Route

VALUES = "/api/v1/values/{kind}"
VALUE = VALUES + "/{name}"


async def list_values(call: Call) -> list[StoredValue]:
    """All of a kind."""
    namespace, kind = _namespace(call), call.path("kind")
    return await call.read(lambda tx: values.list_values(tx, namespace, kind))


async def get(call: Call) -> MaybeValue:
    """One of them."""
    namespace, kind, name = _namespace(call), call.path("kind"), call.path("name")
    return await call.read(lambda tx: MaybeValue(value=values.get(tx, namespace, kind, name)))


async def put(call: Call) -> StoredValue:
    """Set it."""
    namespace, kind, name, body = _namespace(call), call.path("kind"), call.path("name"), await call.body(ValueBody)

    def write(tx: Tx) -> StoredValue:
        return values.put(tx, namespace, kind, name, body.content, call.principal, tags=body.tags, replace=body.replace)

    return await call.write(write)


async def remove(call: Call) -> dict[str, Any]:
    """Forget it."""
    namespace, kind, name = _namespace(call), call.path("kind"), call.path("name")
    return {"removed": await call.write(lambda tx: values.remove(tx, namespace, kind, name, call.principal))}


async def emit(call: Call) -> dict[str, Any]:
    """Take in an event."""
    namespace, body, who = _namespace(call), await call.body(EventBody), call.principal
    if body.occurred.tzinfo is None:
        raise ParameterError("occurred has no time zone", fix="write it like 2026-01-31T09:00:00Z")
    event = EmittedEvent(
        id=body.id,
        event=body.event,
        resource=body.resource,
        occurred=body.occurred,
        related=body.related,
        payload=body.payload,
        follows=body.follows,
        run_id=who.name if who.kind == "flow" else None,
    )
    return {"told": await call.write(lambda tx: values.emit(tx, namespace, event, who))}


async def list_events(call: Call) -> list[EmittedEvent]:
    """What was told."""
    asked = call.query(EventsQuery)
    check_namespace(call.principal, asked.project, asked.environment)
    namespace = Namespace(project=asked.project, environment=asked.environment)
    return await call.read(lambda tx: tx.events.after(namespace, asked.after, asked.prefix, asked.limit))


def _namespace(call: Call) -> Namespace:
    asked = call.query(NamespaceQuery)
    check_namespace(call.principal, asked.project, asked.environment)
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path=VALUES,
        access=OPERATOR | FLOW,
        doc="Variables (kind `variable`; those of the manifest among them), or blocks of a type (`block.<type>`).",
        handler=list_values,
        query=NamespaceQuery,
        answer=list[StoredValue],
    ),
    Route(
        method="GET",
        path=VALUE,
        access=OPERATOR | FLOW,
        doc="A variable or a block's fields that are no secrets; null if there is none.",
        handler=get,
        query=NamespaceQuery,
        answer=MaybeValue,
    ),
    Route(
        method="PUT",
        path=VALUE,
        access=OPERATOR | FLOW,
        doc="Set a variable or a block. Names of the manifest are refused, and names that are set, unless `replace`.",
        handler=put,
        query=NamespaceQuery,
        body=ValueBody,
        answer=StoredValue,
    ),
    Route(
        method="DELETE",
        path=VALUE,
        access=OPERATOR | FLOW,
        doc="Forget a variable or a block; `removed` is false if there was none.",
        handler=remove,
        query=NamespaceQuery,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path="/api/v1/events",
        access=OPERATOR | FLOW,
        doc="Tell that something happened; `told` is false if the event's id was told before.",
        handler=emit,
        query=NamespaceQuery,
        body=EventBody,
        answer=dict[str, Any],
    ),
    Route(
        method="GET",
        path="/api/v1/events",
        access=OPERATOR | FLOW,
        doc="What was told to have happened, in the order of its coming.",
        handler=list_events,
        query=EventsQuery,
        answer=list[EmittedEvent],
    ),
)
