"""The limits that a release declares, and what its coming into force changes for runs that wait or go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turnout.core.queueing import Bounds, Limit, LimitKey, Occupied
from turnout.core.rates import parse_rate
from turnout.core.records import Namespace, Page, RunFilter
from turnout.core.states import ACTIVE
from turnout.orchestration.queue import lane_of, needs_of

if TYPE_CHECKING:
    from turnout.core.ports import Tx
    from turnout.core.snapshot import Snapshot

_PAGE = 200


def limits_of(snapshot: Snapshot) -> list[Limit]:
    """Every limit that a snapshot declares: of deployments, of pools, and the named ones with their users."""
    environment = snapshot.environment
    own = [
        Limit(environment=environment, kind="deployment", name=name, concurrency=spec.concurrency.limit)
        for name, spec in snapshot.deployments.items()
        if spec.concurrency is not None
    ]
    pools = [
        Limit(environment=environment, kind="pool", name=name, concurrency=pool.concurrency)
        for name, pool in snapshot.pools.items()
        if pool.concurrency is not None
    ]
    named = [
        Limit(
            environment=environment,
            kind="limit",
            name=name,
            concurrency=spec.concurrency,
            interval=None if spec.rate is None else parse_rate(spec.rate),
            tags=tuple(spec.tags),
            users=_users(snapshot, name),
        )
        for name, spec in snapshot.limits.items()
    ]
    return [*own, *pools, *named]


def put_limits(tx: Tx, namespace: Namespace, snapshot: Snapshot) -> None:
    """Make the limits of a namespace those of `snapshot`.

    Runs that go on are counted in new limits as well, so that none starts beside them; what a lowered limit holds too
    many of goes on. Waiting runs move to the lanes of what binds them from now on.
    """
    tags = tx.limits.tags(namespace)
    changed = tx.limits.declare(namespace, limits_of(snapshot))
    if changed:
        _seat(tx, namespace, set(changed))
    if tags != tx.limits.tags(namespace):
        _move(tx, namespace, tx.limits.tags(namespace))


def _users(snapshot: Snapshot, limit: str) -> dict[str, int]:
    return {name: use.weight for name, spec in snapshot.deployments.items() for use in spec.limits if use.name == limit}


def _seat(tx: Tx, namespace: Namespace, changed: set[LimitKey]) -> None:
    bounds = Bounds(Occupied(limit=limit) for limit in tx.limits.declared(namespace))
    where = RunFilter(project=namespace.project, environment=namespace.environment, states=tuple(sorted(ACTIVE)))
    after: str | None = None
    while page := tx.runs.find(where, Page(limit=_PAGE, after=after)):
        after = page[-1].id
        for run in (each for each in page if not each.suspended):
            for each, weight in needs_of(bounds, run):
                if each.limit.key in changed and each.limit.concurrency is not None:
                    tx.limits.take(run, each.limit.key, weight, at=run.state_at)


def _move(tx: Tx, namespace: Namespace, limited: frozenset[str]) -> None:
    lanes: dict[str, list[str]] = {}
    for waiting in tx.runs.waiting(namespace):
        lane = lane_of(waiting, limited)
        if waiting.lane is not None and lane is not None and lane != waiting.lane:
            lanes.setdefault(lane, []).append(waiting.id)
    tx.runs.set_lanes(lanes)
