"""Limits as they are shown: who holds them, and how many wait."""

from turnout.core.ports import Tx
from turnout.core.queueing import Bounds, Head, Occupied
from turnout.core.rates import format_rate
from turnout.core.records import LimitStatus, Namespace
from turnout.orchestration.explain import line_of
from turnout.orchestration.queue import bounds_of

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
    return LimitStatus(
        project=project,
        environment=limit.environment,
        kind=limit.kind,
        name=limit.name,
        concurrency=limit.concurrency,
        rate=None if limit.interval is None else format_rate(limit.interval),
        held=each.held,
        holders=tuple(tx.limits.holders(project, limit.key, HOLDERS)),
        waiting=len(line_of(tx, project, bounds, heads, limit.key)),
        next_at=each.next_at if each.next_at is not None and each.next_at > tx.now else None,
    )
