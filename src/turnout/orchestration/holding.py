"""Limits as they are shown: who holds them, and how many wait."""

from turnout.core.ports import Tx
from turnout.core.queueing import Bounds, Head, Occupied
from turnout.core.rates import format_rate
from turnout.core.records import Holder, LimitStatus, Namespace
from turnout.orchestration.explain import Rank, line_of
from turnout.orchestration.queue import bounds_of

LINE = 10
"""So many of those that wait for a limit are listed; see `LimitStatus.waiting` for their number."""
HOLDERS = 100
"""So many holders of a limit are listed; all are counted."""


def limit_statuses(tx: Tx, namespace: Namespace | None = None) -> list[LimitStatus]:
    """Every limit of a namespace, or of all of them, as it is used now."""
    projects = [namespace.project] if namespace else sorted({space.project for space in tx.projects.names()})
    found: list[LimitStatus] = []
    for project in projects:
        bounds, heads = bounds_of(tx, project), tx.runs.heads(project)
        found += [
            _status(tx, project, bounds, heads, each)
            for each in bounds.all()
            if namespace is None or each.limit.environment == namespace.environment
        ]
    return found


def _status(tx: Tx, project: str, bounds: Bounds, heads: list[Head], each: Occupied) -> LimitStatus:
    limit = each.limit
    waiting = line_of(tx, project, bounds, heads, limit.key)
    return LimitStatus(
        project=project,
        environment=limit.environment,
        kind=limit.kind,
        name=limit.name,
        concurrency=limit.concurrency,
        rate=None if limit.interval is None else format_rate(limit.interval),
        held=each.held,
        holders=tuple(tx.limits.holders(project, limit.key, HOLDERS)),
        waiting=len(waiting),
        next_at=each.next_at if each.next_at is not None and each.next_at > tx.now else None,
        line=tuple(waiter for rank in waiting[:LINE] if (waiter := _waiter(tx, rank))),
    )


def _waiter(tx: Tx, rank: Rank) -> Holder | None:
    _, since, who = rank
    run_id, _, holder = who.partition("/")
    run = tx.runs.get(run_id)
    if run is None:
        return None
    return Holder(run_id=run_id, run_name=run.name, deployment=run.deployment, holder=holder, weight=1, since=since)
