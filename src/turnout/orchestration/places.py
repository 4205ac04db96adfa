"""What deployments use, and who uses it: pools, connections, secrets by name."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from turnout.core.errors import NotFound
from turnout.core.inventory import ConnectionStatus, PoolStatus, SecretStatus
from turnout.core.ports import Tx
from turnout.core.records import Namespace, Worker
from turnout.core.snapshot import ConnectionSpec, DeploymentSpec, PoolSpec, Snapshot
from turnout.orchestration.explain import is_offline


def pools(tx: Tx, namespace: Namespace) -> list[PoolStatus]:
    """Pools that are declared, used by a deployment, or have a worker of the project."""
    snapshot = _deployed(tx, namespace)
    workers: dict[str, list[Worker]] = {}
    for worker in tx.workers.all():
        if worker.project in (namespace.project, "*"):
            workers.setdefault(worker.pool, []).append(worker)
    names = set(snapshot.pools) | {spec.pool for spec in snapshot.deployments.values()} | workers.keys()
    return [_pool(tx, snapshot, name, workers.get(name, [])) for name in sorted(names)]


def secrets(tx: Tx, namespace: Namespace) -> list[SecretStatus]:
    """The secrets that are declared; where their values are, only workers know."""
    snapshot = _deployed(tx, namespace)
    users = _users(snapshot.deployments, lambda spec: spec.secrets)
    return [
        SecretStatus(name=name, fields=spec.fields, source=spec.source, used_by=users.get(name, ()))
        for name, spec in sorted(snapshot.secrets.items())
    ]


def connections(tx: Tx, namespace: Namespace) -> list[ConnectionStatus]:
    """The connections that are declared."""
    snapshot = _deployed(tx, namespace)
    users = _users(snapshot.deployments, lambda spec: (spec.connection,) if spec.connection else ())
    return [
        ConnectionStatus(name=name, type=spec.type, options=spec.options, used_by=users.get(name, ()))
        for name, spec in sorted(snapshot.connections.items())
    ]


def connection(tx: Tx, namespace: Namespace, name: str) -> ConnectionSpec:
    """One of them. Raises NotFound, naming the nearest."""
    declared = _deployed(tx, namespace).connections
    if name not in declared:
        close = get_close_matches(name, declared, n=1)
        listed = ", ".join(sorted(declared)[:10]) or "none"
        fix = f"did you mean '{close[0]}'?" if close else f"those that are deployed: {listed}"
        where = f"project {namespace.project}, environment {namespace.environment}"
        raise NotFound(f"there is no connection '{name[:64]}'", where=where, fix=fix)
    return declared[name]


def _pool(tx: Tx, snapshot: Snapshot, name: str, workers: list[Worker]) -> PoolStatus:
    online = [worker for worker in workers if not is_offline(worker, tx.now)]
    spec = snapshot.pools.get(name)
    return PoolStatus(
        name=name,
        type=(spec or PoolSpec()).type,
        concurrency=spec.concurrency if spec else None,
        declared=spec is not None,
        deployments=tuple(sorted(one.name for one in snapshot.deployments.values() if one.pool == name)),
        online=len(online),
        offline=len(workers) - len(online),
        places=sum(worker.capacity for worker in online),
        taken=sum(tx.runs.count_held(worker.id) for worker in online),
    )


def _deployed(tx: Tx, namespace: Namespace) -> Snapshot:
    found = tx.projects.snapshot(namespace)
    return found[1] if found else Snapshot(project=namespace.project, environment=namespace.environment)


def _users(
    deployments: Mapping[str, DeploymentSpec], used: Callable[[DeploymentSpec], Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, spec in sorted(deployments.items()):
        for thing in used(spec):
            found.setdefault(thing, []).append(name)
    return {thing: tuple(names) for thing, names in found.items()}
