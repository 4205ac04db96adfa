"""Pools, connections and secrets, with what uses them."""

from turnout.core.inventory import ConnectionStatus, PoolStatus, SecretStatus
from turnout.core.records import Namespace
from turnout.orchestration import places
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route


async def list_pools(call: Call) -> list[PoolStatus]:
    """Where runs execute."""
    namespace = _namespace(call)
    return await call.read(lambda tx: places.pools(tx, namespace))


async def list_connections(call: Call) -> list[ConnectionStatus]:
    """Databases."""
    namespace = _namespace(call)
    return await call.read(lambda tx: places.connections(tx, namespace))


async def list_secrets(call: Call) -> list[SecretStatus]:
    """Names, and never a value."""
    namespace = _namespace(call)
    return await call.read(lambda tx: places.secrets(tx, namespace))


def _namespace(call: Call) -> Namespace:
    asked = call.query(NamespaceQuery)
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/pools",
        access=OPERATOR,
        doc="Pools with the deployments that use them and their workers.",
        handler=list_pools,
        query=NamespaceQuery,
        answer=list[PoolStatus],
    ),
    Route(
        method="GET",
        path="/api/v1/connections",
        access=OPERATOR,
        doc="Connections with the deployments that use them.",
        handler=list_connections,
        query=NamespaceQuery,
        answer=list[ConnectionStatus],
    ),
    Route(
        method="GET",
        path="/api/v1/secrets",
        access=OPERATOR,
        doc="The names of secrets with the deployments that use them. Values are never on the server.",
        handler=list_secrets,
        query=NamespaceQuery,
        answer=list[SecretStatus],
    ),
)
