"""What people changed on the server and not in the repository: values that hold instead of its own, and all of it."""

from typing import Any

from turnout.core.overrides import Override, outcome_to_json
from turnout.core.records import Namespace
from turnout.orchestration import overrides
from turnout.server.auth.scope import check_namespace
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.override_bodies import OverrideBody, OverrideQuery
from turnout.server.routing import DEPLOYER, OPERATOR, Route


async def drift(call: Call) -> list[dict[str, Any]]:
    """All that holds on the server and not in what is deployed."""
    namespace = _namespace(call.query(NamespaceQuery))
    check_namespace(call.principal, namespace.project, namespace.environment)
    return [outcome_to_json(one) for one in await call.read(lambda tx: overrides.drift(tx, namespace))]


async def put_override(call: Call) -> Override:
    """Let a value hold instead of the repository's."""
    namespace, body = _namespace(call.query(NamespaceQuery)), await call.body(OverrideBody)
    return await call.write(
        lambda tx: overrides.put(
            tx,
            namespace,
            body.kind,
            body.name,
            body.key,
            body.value,
            call.principal,
            reason=body.reason,
            until=body.until,
        )
    )


async def drop_override(call: Call) -> dict[str, Any]:
    """Let the repository's value hold again."""
    asked = call.query(OverrideQuery)
    namespace = _namespace(asked)
    return {"dropped": await call.write(lambda tx: overrides.remove(tx, namespace, asked.kind, asked.name, asked.key))}


def _namespace(asked: NamespaceQuery) -> Namespace:
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/drift",
        access=DEPLOYER,
        doc="What people changed on the server: pauses, parameters, variables, with author, reason and end, and what "
        "the repository says instead. Not `kept`: the next apply drops it, and `why`.",
        handler=drift,
        query=NamespaceQuery,
        answer=list[dict[str, Any]],
    ),
    Route(
        method="POST",
        path="/api/v1/overrides",
        access=OPERATOR,
        doc="Let a parameter of a deployment, or a declared variable, have another value than in the repository, from "
        "the next run on; until a time if one is given.",
        handler=put_override,
        query=NamespaceQuery,
        body=OverrideBody,
        answer=Override,
    ),
    Route(
        method="DELETE",
        path="/api/v1/overrides",
        access=OPERATOR,
        doc="Let the repository's value hold again; `dropped` is false if it did.",
        handler=drop_override,
        query=OverrideQuery,
        answer=dict[str, Any],
    ),
)
