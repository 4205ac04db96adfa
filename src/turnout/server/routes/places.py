"""Pools, connections and secrets, with what uses them."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from turnout.core.inventory import ConnectionStatus, ConnectionTrial, PoolStatus, SecretStatus
from turnout.core.records import Namespace
from turnout.orchestration import places
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import TrialBody
from turnout.sql.trial import try_connection

logger = logging.getLogger("turnout.server")
_trying = ThreadPoolExecutor(2, "trying")
"""Each trial is a process: however many ask, there are two at once."""


async def list_pools(call: Call) -> list[PoolStatus]:
    """Where runs execute."""
    namespace = _namespace(call)
    return await call.read(lambda tx: places.pools(tx, namespace))


async def list_connections(call: Call) -> list[ConnectionStatus]:
    """Databases."""
    namespace = _namespace(call)
    return await call.read(lambda tx: places.connections(tx, namespace))


async def test_connection(call: Call) -> ConnectionTrial:
    """Whether it can be used here."""
    namespace, name, _ = _namespace(call), call.path("name"), await call.body(TrialBody)
    spec = await call.read(lambda tx: places.connection(tx, namespace, name))
    folder = Path(call.context.settings.data_dir)
    trial = await asyncio.get_running_loop().run_in_executor(
        _trying, partial(try_connection, name, spec.type, spec.options, folder)
    )
    outcome = f"ok in {trial.seconds:.3f} s" if trial.ok else "failed"
    logger.info("the connection '%s' was tried by %s: %s", name, call.principal, outcome)
    return trial


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
        method="POST",
        path="/api/v1/connections/{name}/test",
        access=OPERATOR,
        doc="Try a connection on the server's machine, in its data folder: `ok`, or what is wrong and how to mend it. "
        "It is opened for reading and nothing is made; a worker on another machine may have another database.",
        handler=test_connection,
        query=NamespaceQuery,
        body=TrialBody,
        answer=ConnectionTrial,
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
